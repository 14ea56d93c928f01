import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fieldDisclosureProblems, parseFieldDisclosure } from "../../../services/model/privacy/index.ts";
import { bareEvent, openJourney, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
beforeAll(async () => {
  oracle = await startOracle();
});
afterAll(() => oracle.close());

async function captured() {
  const hospital = await oracle.participant("apheresis-centre");
  const journey = await openJourney(oracle);
  const eventID = `urn:uuid:${crypto.randomUUID()}`;
  const event = bareEvent({ eventID, "threadline:chainOfIdentity": journey.coi, "threadline:step": "collect" });
  expect((await hospital.api("POST", "/capture", event)).status).toBe(202);
  const { commitment } = await oracle.database
    .selectFrom("events")
    .select("commitment")
    .where("journey_id", "=", journey.journeyId)
    .executeTakeFirstOrThrow();
  return { ...journey, eventID, hospital, commitment: commitment ?? "", path: `/journeys/${journey.journeyId}/disclosures` };
}

describe("POST /journeys/{journeyId}/disclosures", () => {
  it("shows the fields asked for, which the commitment holds, and nothing else", async () => {
    const { hospital, eventID, coi, commitment, path } = await captured();
    const { status, body } = await hospital.api("POST", path, { eventId: eventID, paths: ["/threadline:step", "context"] });
    expect(status).toBe(200);
    const document = parseFieldDisclosure(body);
    expect(fieldDisclosureProblems(document, commitment)).toEqual([]);
    expect(document.leaves.map((leaf) => leaf.path)).toEqual(["context", "/threadline:step"]);
    expect(JSON.stringify(body)).not.toContain(coi);
  });

  it("refuses paths the event has nothing at, events of another journey, and strangers", async () => {
    const first = await captured();
    const second = await captured();
    const ask = (path: string, eventId: string, ...paths: string[]) => first.hospital.api("POST", path, { eventId, paths });
    const nothing = await ask(first.path, first.eventID, "/threadline:step", "/missing");
    expect([nothing.status, nothing.body.unknown]).toEqual([422, ["/missing"]]);
    expect((await ask(first.path, second.eventID, "/type")).status).toBe(404);
    expect((await ask(second.path, second.eventID, "/type")).status).toBe(404);
    expect((await ask(first.path, first.eventID)).status).toBe(400);
  });
});
