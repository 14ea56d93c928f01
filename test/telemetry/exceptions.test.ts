import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { START, createEdge, openSharedDatabase, flow, publish, readingsPayload, series, until, GIAI } from "./support/edge.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import type { Edge } from "./support/edge.ts";

let shared: OpenDatabase;
let edge: Edge;
beforeAll(async () => {
  shared = await openSharedDatabase();
});
beforeEach(async () => {
  edge = await createEdge(shared);
});
afterEach(() => edge.close());
afterAll(() => shared.close());

/** Publishes readings through a real device client and waits for the receipts. */
async function play(readings: ReturnType<typeof series>, options: { seal?: boolean } = {}) {
  const device = edge.device({ readingsPerMessage: 5 });
  await device.assignment();
  await device.publishReadings(readings);
  if (options.seal === true) await device.seal();
  await device.drained(30);
}

describe("live rules of an assigned leg", () => {
  it("raises a temperature excursion once the budget is spent, on the ledger too, within seconds", async () => {
    let operations = 0;
    await edge.bridge({}, { onOperation: () => (operations += 1) });
    await edge.captureStep(0, START);
    const startedAt = Date.now();
    await play(series(8, (index) => (index >= 2 && index <= 5 ? { temperatureCelsius: 12.5 } : {})), { seal: true });
    expect(await edge.exceptions()).toEqual([
      { code: "temperature-excursion", unit: "seconds", observed: 180, limit: 120, occurredAt: START + 240, leg: 0 },
    ]);
    const [operation] = await edge.database.selectFrom("ledger_operations").selectAll().execute();
    expect(operation).toMatchObject({ kind: "raise-exception", status: "pending", journey_id: edge.journeyId });
    expect(operations).toBe(1);
    const latency = Number(operation?.created_at_milliseconds) - startedAt;
    expect(latency).toBeLessThan(5_000);
  });

  it("leaves an excursion within the budget unflagged", async () => {
    await edge.bridge();
    await play(series(8, (index) => (index === 3 ? { temperatureCelsius: 12.5 } : {})));
    expect(await edge.exceptions()).toEqual([]);
  });

  it("counts a tilt that was not measured as beyond the limit", async () => {
    await edge.bridge();
    await play(series(4, () => ({ tiltDegrees: null })));
    expect(await edge.exceptions()).toMatchObject([{ code: "tilt-excursion", observed: 120, limit: 60 }]);
  });

  it("raises a gap where readings are missing, known by its beginning", async () => {
    await edge.bridge();
    await play([...series(3), ...series(3, undefined, START + 3_600)]);
    expect(await edge.exceptions()).toEqual([
      { code: "sensor-gap", unit: "seconds", observed: 3_480, limit: 120, occurredAt: START + 120, leg: 0 },
    ]);
  });

  it("raises a gap at the start and one at the end of a leg, from its captured steps", async () => {
    const bridge = await edge.bridge({ endGraceSeconds: 0 });
    await edge.captureStep(0, START);
    await play(series(3, undefined, START + 1_000));
    await edge.captureStep(1, START + 5_000);
    await bridge.sweep();
    expect(await edge.exceptions()).toMatchObject([
      { code: "sensor-gap", observed: 1_000, occurredAt: START },
      { code: "sensor-gap", observed: 3_880, occurredAt: START + 1_120 },
    ]);
  });

  it("raises a gap over a whole leg without any reading", async () => {
    const bridge = await edge.bridge({ endGraceSeconds: 0 });
    await edge.captureStep(0, START);
    await edge.captureStep(1, START + 5_000);
    await bridge.sweep();
    expect(await edge.exceptions()).toMatchObject([{ code: "sensor-gap", observed: 5_000, limit: 120, occurredAt: START }]);
  });

  it("is silent about a leg that readings cover from start to end, and about readings after it", async () => {
    const bridge = await edge.bridge({ endGraceSeconds: 0 });
    await edge.captureStep(0, START);
    await play(series(20), { seal: true });
    await edge.captureStep(1, START + 19 * 60);
    await bridge.sweep();
    const device = edge.device({ keyEpoch: 1, readingsPerMessage: 5 });
    await device.close();
    const client = await edge.client(GIAI);
    const { sequence } = await edge.database.selectFrom("telemetry_messages").select("sequence").orderBy("sequence", "desc").executeTakeFirstOrThrow();
    const time = new Date((START + 9_000) * 1000).toISOString();
    await publish(client, "readings", await edge.sign(readingsPayload(sequence + 1, { readings: [{ time, temperatureCelsius: 30, tiltDegrees: 90 }] })));
    await until(() => bridge.counters().messages === sequence + 1);
    await bridge.sweep({ ignoreGrace: true });
    expect(await edge.exceptions()).toEqual([]);
  });

  it("raises a reading outside the calibration, once a leg", async () => {
    await edge.bridge();
    await edge.database.updateTable("devices").set({ calibrated_until: START + 100 }).execute();
    await play(series(6));
    expect(await edge.exceptions()).toMatchObject([{ code: "device-not-calibrated", unit: "time", occurredAt: START + 120 }]);
  });

  it("raises the silence of a live device by the clock, and not again by the reading that ends it", async () => {
    const profile = flow.profiles[0];
    const quick = { ...flow, profiles: [{ ...profile, longestGapSeconds: 1 }] };
    await edge.database.updateTable("flows").set({ document: JSON.stringify(quick) }).execute();
    await edge.bridge({ watchdogSeconds: 1, sweepMilliseconds: 100 });
    const from = Math.floor(Date.now() / 1000);
    await edge.captureStep(0, from);
    await edge.database.updateTable("devices").set({ calibrated_until: from + 3_600 }).execute();
    const device = edge.device();
    await device.assignment();
    await device.publishReading({ timeSeconds: Date.now() / 1000, temperatureCelsius: 5, tiltDegrees: 3 });
    await until(async () => (await edge.exceptions()).length === 1, 6);
    await device.publishReading({ timeSeconds: Date.now() / 1000, temperatureCelsius: 5, tiltDegrees: 3 });
    await device.drained(10);
    await sleep(300);
    expect(await edge.exceptions()).toMatchObject([{ code: "sensor-gap", limit: 1 }]);
  });

  it("raises the silence of a device that never spoke, on a leg that starts now", async () => {
    const quick = { ...flow, profiles: [{ ...flow.profiles[0], longestGapSeconds: 1 }] };
    await edge.database.updateTable("flows").set({ document: JSON.stringify(quick) }).execute();
    await edge.bridge({ watchdogSeconds: 1, sweepMilliseconds: 100 });
    const from = Math.floor(Date.now() / 1000);
    await edge.captureStep(0, from);
    await until(async () => (await edge.exceptions()).length === 1, 6);
    expect(await edge.exceptions()).toMatchObject([{ code: "sensor-gap", limit: 1, occurredAt: from }]);
  });

  it("does not take a leg of the past for a silent one", async () => {
    const bridge = await edge.bridge({ watchdogSeconds: 0 });
    await edge.captureStep(0, START);
    await play(series(2));
    await bridge.sweep();
    expect(await edge.exceptions()).toEqual([]);
  });

  it("judges segments alone when a device sends no live readings", async () => {
    await edge.bridge();
    const device = edge.device({ readingsPerMessage: 5 });
    await device.assignment();
    await device.publishReadings(series(8, (index) => (index >= 2 ? { temperatureCelsius: 12.5 } : {})));
    await device.seal();
    await device.drained(30);
    const seen = await edge.exceptions();
    const segment = await edge.database.selectFrom("telemetry_messages").select("body").where("kind", "=", "segment").executeTakeFirstOrThrow();
    const { createLegWatch } = await import("../../services/telemetry/leg-watch.ts");
    const { readingsOf } = await import("../../services/telemetry/message-readings.ts");
    const { messageOfBody } = await import("../../services/telemetry/index.ts");
    const profile = flow.profiles[0];
    if (profile === undefined) throw new Error("the flow has a profile");
    const leg = { key: "", journeyId: edge.journeyId, leg: 0, giai: GIAI, ownerGln: null, assignedFrom: 0, profile, shippers: [], wantsShipper: false, handoverToleranceSeconds: 0, startedAt: null, endedAt: null, startRecordedAtMilliseconds: null, endRecordedAtMilliseconds: null };
    const alone = createLegWatch(leg).feed(leg, readingsOf(messageOfBody(segment.body), profile), null, 0);
    expect(alone).toMatchObject(seen.map(({ code, observed, limit, occurredAt }) => ({ code, observed, limit, occurredAt })));
    expect(alone).toHaveLength(1);
  });

  it("goes on after a restart where it stopped: totals are made anew from the store", async () => {
    const first = await edge.bridge();
    const readings = series(8, (index) => (index >= 2 ? { temperatureCelsius: 12.5 } : {}));
    const device = edge.device({ readingsPerMessage: 1 });
    await device.assignment();
    await device.publishReadings(readings.slice(0, 4));
    await device.drained(20);
    expect(await edge.exceptions()).toEqual([]);
    await first.close();
    await edge.bridge();
    await device.publishReadings(readings.slice(4));
    await device.drained(20);
    expect(await edge.exceptions()).toMatchObject([{ code: "temperature-excursion", observed: 180, occurredAt: START + 240 }]);
  });
});
