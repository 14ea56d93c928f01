import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatCoiIdentifier, formatDonationIdentificationNumber } from "../../../services/model/identity/index.ts";
import { bareEvent, openJourney, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
let courier: Awaited<ReturnType<TestOracle["participant"]>>;
beforeAll(async () => {
  oracle = await startOracle();
  courier = await oracle.participant("logistics-provider", "apheresis-centre");
});
afterAll(() => oracle.close());

const DIN = "G123417654321";
const BAG = "010950600013435221BAG-7";

async function labelled() {
  const journey = await openJourney(oracle, {
    donationIdentificationNumbers: [DIN],
    epcs: ["urn:epc:id:sgtin:9506000.013435.BAG-7"],
  });
  return {
    ...journey,
    scan: (raw: string, step = "accept") => courier.api("POST", "/scans", { raw, journeyId: journey.journeyId, step }),
  };
}

describe("POST /scans", () => {
  it("matches every label of the journey, in the forms a scanner reads", async () => {
    const { coi, scan } = await labelled();
    const labels = [
      `]d2${BAG}`,
      BAG,
      "(01)09506000134352(21)BAG-7",
      "https://id.gs1.org/01/09506000134352/21/BAG-7",
      formatCoiIdentifier(coi, "data-structure"),
      formatCoiIdentifier(coi, "eye-readable"),
      formatDonationIdentificationNumber(DIN, "data-structure"),
      formatDonationIdentificationNumber(DIN, "eye-readable"),
    ];
    for (const raw of labels) expect([raw, (await scan(raw)).status]).toEqual([raw, 201]);
  });

  it("matches material the journey's events brought in", async () => {
    const { coi, scan } = await labelled();
    expect((await scan("(01)09506000134352(21)NEW")).status).toBe(409);
    await courier.api(
      "POST",
      "/events",
      bareEvent({ epcList: ["https://id.gs1.org/01/09506000134352/21/NEW"], "threadline:chainOfIdentity": coi }),
    );
    expect((await scan("(01)09506000134352(21)NEW")).status).toBe(201);
  });

  it("answers a wrong or unreadable label at once with the critical exception it recorded", async () => {
    const other = await openJourney(oracle);
    const { journeyId, scan } = await labelled();
    const labels = [
      "(01)09506000134352(21)OTHER",
      formatCoiIdentifier(other.coi, "data-structure"),
      "(01)09506000134353(21)BAG-7",
      "G1234 17 654321 B",
      "garbage",
      "   ",
    ];
    for (const raw of labels) {
      const { status, body } = await scan(raw);
      expect([raw, status]).toEqual([raw, 409]);
      expect(body).toMatchObject({
        type: "urn:threadline:problem:identity-mismatch",
        exception: { code: "identity-mismatch", class: "critical" },
      });
    }
    const { body } = await oracle.operator("GET", `/journeys/${journeyId}/exceptions`);
    expect(body.exceptions).toHaveLength(labels.length);
    expect(body.exceptions[0]).toMatchObject({
      code: "identity-mismatch",
      class: "critical",
      status: "pending",
      message: expect.stringContaining('At "accept"'),
    });
    const raised = await oracle.database
      .selectFrom("ledger_operations")
      .select("payload")
      .where("journey_id", "=", journeyId)
      .where("kind", "=", "raise-exception")
      .execute();
    expect(raised).toHaveLength(labels.length);
    expect(JSON.stringify(raised)).not.toContain("OTHER");
    const scans = await oracle.database.selectFrom("scans").selectAll().where("journey_id", "=", journeyId).execute();
    expect(scans.map((row) => row.matched)).toEqual(labels.map(() => false));
  });

  it("tells who is not part of the journey nothing of its identifiers", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    const stranger = await oracle.participant("logistics-provider");
    const { body } = await stranger.api("POST", "/scans", { raw: "&/CHG123426ZZZZZZ", journeyId });
    expect(body.status).toBe(409);
    expect(JSON.stringify(body)).not.toContain(coi);
  });

  it("answers 404 for a journey nobody opened", async () => {
    expect((await courier.api("POST", "/scans", { raw: BAG, journeyId: `0x${"1".repeat(64)}` })).status).toBe(404);
  });
});
