import { afterAll, beforeAll, expect, it } from "vitest";
import { bareEvent, newBag, openJourney, startOracle } from "./support.ts";
import type { TestOracle } from "./support.ts";

let oracle: TestOracle;
beforeAll(async () => {
  oracle = await startOracle();
});
afterAll(() => oracle.close());

/** Fair on PostgreSQL, where transactions run beside each other; on PGlite one follows the other anyway. */
it("an erasure among captures and labels leaves nothing behind that came between", async () => {
  const hospital = await oracle.participant("apheresis-centre", "manufacturing-site");
  for (let round = 0; round < 8; round += 1) {
    const bag = newBag();
    const { journeyId, coi } = await openJourney(oracle, { epcs: [bag] });
    await hospital.api("POST", "/events", bareEvent({ epcList: [bag], "threadline:chainOfIdentity": coi }));
    const capture = (number: number) => hospital.api("POST", "/events", bareEvent({ "threadline:chainOfIdentity": coi, "threadline:number": number }));
    const label = () => hospital.api("POST", `/journeys/${journeyId}/labels`, { container: newBag(), productName: "Product", storageProfile: "fresh" });
    const before = [capture(1), label(), capture(2)];
    const erasure = oracle.operator("POST", "/erasures", { subject: journeyId, reason: "request" });
    const answers = await Promise.all([...before, ...Array.from({ length: 6 }, (_, number) => capture(10 + number)), label(), label()]);
    expect((await erasure).status).toBe(200);
    expect(answers.every(({ status }) => [201, 400, 410].includes(status)), JSON.stringify(answers.map(({ status, body }) => [status, body]))).toBe(true);
    const events = await oracle.database.selectFrom("events").select(["event_hash_index", "sealed_event"]).where("journey_id", "=", journeyId).execute();
    const labels = await oracle.database.selectFrom("labels").select(["epc_index", "sealed_label"]).where("journey_id", "=", journeyId).execute();
    expect(events.length).toBeGreaterThan(0);
    expect([...events.map((row) => row.sealed_event), ...labels.map((row) => row.sealed_label)].filter((sealed) => sealed !== null)).toEqual([]);
    expect([...events.map((row) => row.event_hash_index), ...labels.map((row) => row.epc_index)].filter((index) => !index.startsWith("erased:"))).toEqual([]);
  }
});
