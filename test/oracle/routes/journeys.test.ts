import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getBytes } from "ethers";
import { openIdentities } from "../../../services/store/identities.ts";
import { openedEvents } from "../../support/sealed.ts";
import { bareEvent, FLOW, newIdentity, openJourney, present, startOracle } from "../support.ts";
import { blindingFromBytes, commitmentToBytes32, identityCommitment } from "../../../services/model/identity/index.ts";
import { journeyIdOf } from "../../../services/model/custody/index.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
beforeAll(async () => {
  oracle = await startOracle();
  await oracle.operator("POST", "/flows", FLOW);
});
afterAll(() => oracle.close());

describe("flows", () => {
  it("registers a version once and never another document under it", async () => {
    const same = await oracle.operator("POST", "/flows", FLOW);
    expect([same.status, same.body.identical]).toEqual([409, true]);
    const changed = await oracle.operator("POST", "/flows", { ...FLOW, lateEntryToleranceSeconds: 1 });
    expect([changed.status, changed.body.identical]).toEqual([409, false]);
    const { body } = await oracle.operator("GET", "/flows/car-t/1");
    expect(body).toMatchObject({ name: "car-t", lateEntryToleranceSeconds: 86_400 });
    expect((await oracle.operator("GET", "/flows/car-t/2")).status).toBe(404);
    const operations = await oracle.database
      .selectFrom("ledger_operations")
      .select("payload")
      .where("kind", "=", "register-flow")
      .execute();
    expect(operations).toHaveLength(1);
  });
});

describe("journeys", () => {
  it("opens one journey per Chain of Identity, blinded, and announces it to the ledger", async () => {
    const coi = newIdentity();
    const request = { chainOfIdentity: ` ${coi.toLowerCase()} `, flow: { name: "car-t", version: 1 } };
    const { status, body, headers } = await oracle.operator("POST", "/journeys", request);
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/journeys/${body.journeyId}`);
    const row = await oracle.database
      .selectFrom("journeys")
      .selectAll()
      .where("journey_id", "=", body.journeyId)
      .executeTakeFirstOrThrow();
    const identity = present((await openIdentities(oracle.database, [row])).get(row.journey_id));
    expect(identity.chainOfIdentity).toBe(coi);
    expect(journeyIdOf(coi, getBytes(identity.salt))).toBe(body.journeyId);
    const blinding = blindingFromBytes(getBytes(identity.identitySalt));
    expect(commitmentToBytes32(identityCommitment({ coi, patient: null, blinding }))).toBe(row.identity_commitment);
    expect(identity.salt).not.toBe(identity.identitySalt);
    expect(JSON.stringify(row)).not.toContain(coi);
    const again = await oracle.operator("POST", "/journeys", request);
    expect([again.status, again.body.journeyId]).toEqual([409, body.journeyId]);
    const operations = await oracle.database
      .selectFrom("ledger_operations")
      .select(["kind", "payload"])
      .where("journey_id", "=", body.journeyId)
      .execute();
    expect(operations.map((operation) => operation.kind)).toEqual(["open-journey"]);
    expect(operations[0]?.payload).not.toContain(coi);
  });

  it("refuses identifiers whose check fails and flows nobody registered", async () => {
    const flow = { name: "car-t", version: 1 };
    for (const chainOfIdentity of ["CHG1234", "CHG123426000001X", "", "patient 7"])
      expect((await oracle.operator("POST", "/journeys", { chainOfIdentity, flow })).status).toBe(400);
    expect(
      (
        await oracle.operator("POST", "/journeys", {
          chainOfIdentity: newIdentity(),
          flow: { name: "car-t", version: 2 },
        })
      ).status,
    ).toBe(404);
    expect(
      (
        await oracle.operator("POST", "/journeys", {
          chainOfIdentity: newIdentity(),
          flow,
          donationIdentificationNumbers: ["G1234 17 654321 B"],
        })
      ).status,
    ).toBe(400);
  });

  it("shows a journey to who opened or acted in it and to oversight, and to nobody else", async () => {
    const hospital = await oracle.participant("treatment-centre");
    const courier = await oracle.participant("logistics-provider");
    const stranger = await oracle.participant("treatment-centre");
    const auditor = await oracle.participant("auditor");
    const coi = newIdentity();
    const { body } = await hospital.api("POST", "/journeys", {
      chainOfIdentity: coi,
      flow: { name: "car-t", version: 1 },
    });
    const path = `/journeys/${body.journeyId}`;
    const views = ["", "/events", "/proofs", "/exceptions", "/releases", "/disclosure", "/gates/release/checks"];
    for (const view of views) {
      expect([view, (await stranger.api("GET", path + view)).status]).toEqual([view, 404]);
      expect([view, (await courier.api("GET", path + view)).status]).toEqual([view, 404]);
    }
    for (const { api } of [hospital, auditor])
      for (const view of views.slice(0, -1))
        expect([view, (await api("GET", path + view)).status]).toEqual([view, 200]);
    const { body: captured } = await courier.api(
      "POST",
      "/events",
      bareEvent({ "threadline:chainOfIdentity": coi, "threadline:step": "accept" }),
    );
    expect((await courier.api("GET", path)).status).toBe(200);
    const event = `/events/${encodeURIComponent(captured.eventID)}`;
    const statuses = await Promise.all(
      [hospital, auditor, courier, stranger].map(async ({ api }) => (await api("GET", event)).status),
    );
    expect(statuses).toEqual([200, 200, 200, 404]);
    const listed = async (api: typeof oracle.operator) =>
      ((await api("GET", "/journeys")).body.journeys as { journeyId: string }[]).map((journey) => journey.journeyId);
    expect(await listed(courier.api)).toEqual([body.journeyId]);
    expect(await listed(stranger.api)).toEqual([]);
    expect(await listed(auditor.api)).toContain(body.journeyId);
  });

  it("says what waits for the ledger", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    const { api } = await oracle.participant("apheresis-centre");
    await api("POST", "/events", bareEvent({ "threadline:chainOfIdentity": coi, "threadline:step": "collect" }));
    const { body } = await oracle.operator("GET", `/journeys/${journeyId}`);
    expect(body).toMatchObject({
      journeyId,
      chainOfIdentity: coi,
      recorded: false,
      head: null,
      eventCount: 0,
      custodian: null,
      steps: [],
      pendingOperations: 2,
      refusedOperations: [],
    });
    const { body: events } = await api("GET", `/journeys/${journeyId}/events`);
    expect(events.events).toEqual([expect.objectContaining({ sequence: null, step: "collect", recordedAt: null })]);
  });

  it("discloses what opens the commitments, and not the identity or its salts", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    const { api, participantId } = await oracle.participant("apheresis-centre");
    await api("POST", "/events", bareEvent({ "threadline:chainOfIdentity": coi, "threadline:step": "collect" }));
    const { body } = await api("GET", `/journeys/${journeyId}/disclosure`);
    const row = present((await openedEvents(oracle.database)).find((event) => event.journey_id === journeyId));
    expect(body.events).toEqual([
      expect.objectContaining({
        commitment: row.commitment,
        salt: row.salt,
        eventHash: row.eventHash,
        body: row.body,
        context: row.context,
        capturedBy: participantId,
        isErrorDeclaration: false,
      }),
    ]);
    const journey = await oracle.database
      .selectFrom("journeys")
      .selectAll()
      .where("journey_id", "=", journeyId)
      .executeTakeFirstOrThrow();
    const identity = present((await openIdentities(oracle.database, [journey])).get(journeyId));
    expect(JSON.stringify(body)).not.toContain(identity.salt);
    expect(JSON.stringify(body)).not.toContain(identity.identitySalt);
  });
});

describe("participants", () => {
  it("makes a hosted key and an API key once per GLN", async () => {
    const body = { gln: "9506000134352", name: "Hospital", roles: ["treatment-centre"] };
    const first = await oracle.operator("POST", "/participants", body);
    expect(first.status).toBe(201);
    expect(first.body.apiKey).toMatch(/^tl_[\w-]{43}$/);
    const again = await oracle.operator("POST", "/participants", { ...body, name: "Other" });
    expect(again.status).toBe(409);
    expect(again.body.existing).toEqual({
      gln: body.gln,
      name: "Hospital",
      roles: body.roles,
      participantId: first.body.participantId,
      account: first.body.account,
    });
    const row = await oracle.database
      .selectFrom("participants")
      .selectAll()
      .where("gln", "=", body.gln)
      .executeTakeFirstOrThrow();
    expect(row.encrypted_key).not.toMatch(/0x[0-9a-f]{64}/);
    expect((await oracle.operator("POST", "/participants", { ...body, gln: "9506000134353" })).status).toBe(400);
    expect((await oracle.operator("POST", "/participants/9506000134369/api-keys", {})).status).toBe(404);
  });
});
