import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson } from "../../services/model/canonical-json.ts";
import { equipmentDocumentHash, holdTimeSchema } from "../../services/model/condition/index.ts";
import { equipmentIdOf, laneIdOf, participantIdOf } from "../../services/model/custody/identifiers.ts";
import { START, createEdge, flow, openSharedDatabase, OWNER_GLN, series } from "./support/edge.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import type { Edge } from "./support/edge.ts";

const GRAI = "09506000134352DRY1";
const SPARE = "09506000134352DRY2";
const LANE = "city-to-city";
const MINUTE = 60;

/** An hour upright, on its side a third of it. */
const holdTime = holdTimeSchema.parse({ nominalHoldSeconds: 3600, tiltBands: [{ fromDegrees: 0, burnRate: 1 }, { fromDegrees: 60, burnRate: 3 }] });
const lanePlan = { lane: LANE, title: "City to city", plannedSeconds: 20 * MINUTE, holdTimeMargin: 1.5 };

let shared: OpenDatabase;
let edge: Edge;
beforeAll(async () => {
  shared = await openSharedDatabase();
});
beforeEach(async () => {
  for (const table of ["shipper_assignments", "shippers", "lanes"] as const) await shared.database.deleteFrom(table).execute();
  edge = await createEdge(shared);
  await register();
});
afterEach(async () => {
  await edge.close();
  for (const table of ["shipper_assignments", "shippers", "lanes"] as const) await shared.database.deleteFrom(table).execute();
});
afterAll(() => shared.close());

async function register() {
  const created_at_milliseconds = Date.now();
  for (const grai of [GRAI, SPARE]) {
    const document = { grai, model: "Vapour 4", holdTime };
    const row = { grai, equipment_id: equipmentIdOf(grai), owner_participant_id: participantIdOf(OWNER_GLN), document: canonicalJson(document) };
    await edge.database.insertInto("shippers").values({ ...row, document_hash: equipmentDocumentHash(document), created_at_milliseconds }).execute();
  }
  const row = { lane: LANE, lane_id: laneIdOf(LANE), document: canonicalJson(lanePlan), document_hash: equipmentDocumentHash(lanePlan) };
  await edge.database.insertInto("lanes").values({ ...row, created_at_milliseconds }).execute();
}

async function assign(assignedAt = START, grai = GRAI) {
  const row = { journey_id: edge.journeyId, leg: 0, equipment_id: equipmentIdOf(grai), lane_id: laneIdOf(LANE), assigned_at: assignedAt, charged_at: assignedAt };
  await edge.database.insertInto("shipper_assignments").values(row).execute();
}

/** Publishes readings through a real device client and waits for the receipts. */
async function play(readings: ReturnType<typeof series>) {
  const device = edge.device({ readingsPerMessage: 5 });
  await device.assignment();
  await device.publishReadings(readings);
  await device.drained(30);
  await device.close();
}

const held = async () => (await edge.exceptions()).filter(({ code }) => code.startsWith("hold-time"));
const tilted = (from: number, to: number) => (index: number) => (index >= from && index < to ? { tiltDegrees: 90 } : {});

describe("hold time of a leg's shipper", () => {
  it("is enough for a shipper that stands upright", async () => {
    await assign();
    await edge.bridge();
    await edge.captureStep(0, START);
    await play(series(20));
    expect(await held()).toEqual([]);
  });

  it("runs low, then out, faster when tilted, and each is said once", async () => {
    await assign();
    await edge.bridge();
    await edge.captureStep(0, START);
    await play(series(40, tilted(5, 40)));
    // 4 minutes upright, then three minutes a minute: 60 = 4 + 3 × 18⅔ minutes.
    const exhaustedAt = START + 4 * MINUTE + (56 * MINUTE) / 3;
    expect(await held()).toEqual([
      { code: "hold-time-exhausted", unit: "seconds", observed: exhaustedAt - START, limit: 3600, occurredAt: exhaustedAt, leg: 0 },
      // At minute 17: 60 − 4 − 39 = 17 left, while 3 of the way and a reserve of 10 are asked for; at 18: 14 left of 12; at 19: 11 left of 11; at 20: 8 of 10.
      { code: "hold-time-low", unit: "seconds", observed: 8 * MINUTE, limit: 10 * MINUTE, occurredAt: START + 20 * MINUTE, leg: 0 },
    ]);
    const operations = await edge.database.selectFrom("ledger_operations").select("payload").where("kind", "=", "raise-exception").execute();
    expect(operations.map(({ payload }) => (JSON.parse(payload) as { code: string }).code).filter((code) => code.startsWith("hold-time"))).toEqual(["hold-time-low", "hold-time-exhausted"]);
  });

  it("goes on counting after a restart, and says nothing twice", async () => {
    await assign();
    const first = await edge.bridge();
    await edge.captureStep(0, START);
    const all = series(40, tilted(5, 40));
    const device = edge.device({ readingsPerMessage: 5 });
    await device.assignment();
    await device.publishReadings(all.slice(0, 20));
    await device.drained(30);
    expect(await held()).toEqual([]);
    await first.close();
    await edge.bridge();
    await device.publishReadings(all.slice(20));
    await device.drained(30);
    expect((await held()).map(({ code, occurredAt }) => [code, occurredAt])).toEqual([
      ["hold-time-exhausted", START + 4 * MINUTE + (56 * MINUTE) / 3],
      ["hold-time-low", START + 20 * MINUTE],
    ]);
  });

  it("is judged over what came before, when the shipper is recorded late", async () => {
    const bridge = await edge.bridge();
    await edge.captureStep(0, START);
    await play(series(40, tilted(5, 40)));
    expect(await held()).toEqual([]);
    await assign();
    await bridge.sweep();
    expect((await held()).map(({ code }) => code)).toEqual(["hold-time-exhausted", "hold-time-low"]);
  });

  it("runs out between the last reading and the leg's end, too", async () => {
    await assign();
    const bridge = await edge.bridge({ endGraceSeconds: 0 });
    await edge.captureStep(0, START);
    await play(series(15, tilted(5, 15)));
    expect(await held()).toEqual([]);
    await edge.captureStep(1, START + 40 * MINUTE);
    await bridge.sweep();
    expect((await held()).map(({ code, occurredAt }) => [code, occurredAt])).toEqual([["hold-time-exhausted", START + 4 * MINUTE + (56 * MINUTE) / 3]]);
  });

  it("starts anew with another shipper", async () => {
    await assign();
    await assign(START + 18 * MINUTE, SPARE);
    await edge.bridge();
    await edge.captureStep(0, START);
    await play(series(30, tilted(5, 25)));
    expect(await held()).toEqual([]);
  });

  it("flags a leg that ended without anyone saying in which shipper, where the flow wants one", async () => {
    const wanting = { ...flow, legs: flow.legs.map((leg) => ({ ...leg, shipper: true })) };
    await edge.database.updateTable("flows").set({ document: JSON.stringify(wanting) }).execute();
    const bridge = await edge.bridge({ endGraceSeconds: 0 });
    await edge.captureStep(0, START);
    await play(series(5));
    await edge.captureStep(1, START + 4 * MINUTE);
    await bridge.sweep();
    await bridge.sweep();
    expect(await edge.exceptions()).toMatchObject([{ code: "shipper-not-qualified", observed: "no shipper", occurredAt: START, leg: 0 }]);
  });

  it("flags a shipper that came only after the leg had begun, and not one within the tolerance", async () => {
    const wanting = { ...flow, legs: flow.legs.map((leg) => ({ ...leg, shipper: true })) };
    await edge.database.updateTable("flows").set({ document: JSON.stringify(wanting) }).execute();
    const bridge = await edge.bridge({ endGraceSeconds: 0 });
    await assign(START + flow.handoverToleranceSeconds);
    await edge.captureStep(0, START);
    await play(series(20));
    await edge.captureStep(1, START + 19 * MINUTE);
    await bridge.sweep();
    expect(await edge.exceptions()).toEqual([]);
    await edge.database.updateTable("shipper_assignments").set({ assigned_at: START + flow.handoverToleranceSeconds + 1 }).execute();
    await bridge.close();
    const again = await edge.bridge({ endGraceSeconds: 0 });
    await again.sweep();
    expect(await edge.exceptions()).toMatchObject([{ code: "shipper-not-qualified", occurredAt: START }]);
  });
});
