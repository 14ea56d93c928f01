import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Registry } from "prom-client";
import { createDeviceKeys, deviceTopics, playReadings } from "../../services/device/index.ts";
import { verifySegmentSignature, segmentContext } from "../../services/model/condition/index.ts";
import { segmentFromMessage, segmentMessageSchema } from "../../services/device/messages.ts";
import { BRIDGE_USER, GIAI, LEDGER, OWNER_GLN, START, TOPIC_ROOT, createEdge, openSharedDatabase, publish, readingsPayload, series, until } from "./support/edge.ts";
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

const topics = deviceTopics(TOPIC_ROOT, OWNER_GLN, GIAI);
const storedSequences = async () =>
  (await edge.database.selectFrom("telemetry_messages").select("sequence").orderBy("sequence").execute()).map((row) => row.sequence);

describe("telemetry bridge", () => {
  it("stores readings and provable segments of a played series, with a receipt for each message", async () => {
    const segments: string[] = [];
    const bridge = await edge.bridge({}, { onSegment: ({ readingsCommitment }) => segments.push(readingsCommitment) });
    const device = edge.device({ readingsPerMessage: 10 });
    const played = await playReadings({ client: device, readings: series(200), assignment: { journeyId: edge.journeyId, leg: 0 } });
    expect(played).toEqual({ published: 200, skipped: 0 });
    expect(device.pendingCount()).toBe(0);
    expect(bridge.counters()).toMatchObject({ messages: 22, readings: 200, segments: 2, duplicates: 0, deadLetters: 0, receipts: 22 });

    const rows = await edge.database.selectFrom("segments").selectAll().orderBy("from_tick").execute();
    expect(rows.map((row) => row.readings_commitment)).toEqual(segments);
    expect(rows[1]?.from_tick).toBe(rows[0]?.to_tick);
    expect(rows.every((row) => row.status === "sealed" && row.journey_id === edge.journeyId)).toBe(true);
    const context = segmentContext({ chainId: LEDGER.chainId, contract: LEDGER.conditionProofsAddress, journeyId: edge.journeyId, leg: 0 });
    for (const row of rows) {
      const { segment, signature } = segmentFromMessage(segmentMessageSchema.parse(JSON.parse(row.body)), context);
      expect(verifySegmentSignature(segment, signature, edge.keys.signingKey.publicKey)).toBe(true);
    }
    expect(await edge.exceptions()).toEqual([]);
  });

  it("sends no receipt and no acknowledgement before the transaction commits", async () => {
    await edge.bridge();
    const listener = await edge.client(BRIDGE_USER.username, BRIDGE_USER.password);
    const receipts: unknown[] = [];
    listener.on("message", (_topic, payload) => receipts.push(JSON.parse(payload.toString())));
    await listener.subscribeAsync(topics.receipts, { qos: 1 });
    const device = await edge.client(GIAI);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const occupied = edge.database.transaction().execute(() => held);
    await publish(device, "readings", await edge.sign(readingsPayload(1)));
    await sleep(300);
    expect(receipts).toEqual([]);
    release();
    await occupied;
    await until(() => receipts.length === 1);
    expect(receipts).toEqual([{ keyEpoch: 1, sequence: 1 }]);
    expect(await storedSequences()).toEqual([1]);
  });

  it("gets again from the broker what it had not stored when it stopped", async () => {
    const first = await edge.bridge();
    const device = await edge.client(GIAI);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const occupied = edge.database.transaction().execute(() => held);
    for (let sequence = 1; sequence <= 20; sequence += 1) await publish(device, "readings", await edge.sign(readingsPayload(sequence)));
    await sleep(200);
    const closing = first.close();
    release();
    await occupied;
    await closing;
    expect((await storedSequences()).length).toBeLessThan(20);
    await edge.bridge();
    await until(async () => (await storedSequences()).length === 20);
    expect(first.counters().deadLetters).toBe(0);
  });

  it("stores a message sent ten times once, with a receipt each time", async () => {
    const bridge = await edge.bridge();
    const device = await edge.client(GIAI);
    const message = await edge.sign(readingsPayload(1));
    for (let times = 0; times < 10; times += 1) await publish(device, "readings", message);
    await until(() => bridge.counters().receipts === 10);
    expect(bridge.counters()).toMatchObject({ messages: 1, duplicates: 9, deadLetters: 0 });
    expect(await storedSequences()).toEqual([1]);
  });

  it("knows a message again that was signed anew, as ECDSA signs differently each time", async () => {
    const keys = createDeviceKeys(new Uint8Array(32).fill(1), "ES256");
    await edge.database.updateTable("devices").set({ message_key: JSON.stringify(keys.messageKey.publicJwk) }).execute();
    const bridge = await edge.bridge();
    const device = await edge.client(GIAI);
    const [first, second] = [await edge.sign(readingsPayload(1), keys), await edge.sign(readingsPayload(1), keys)];
    expect(first).not.toBe(second);
    await publish(device, "readings", first);
    await publish(device, "readings", second);
    await until(() => bridge.counters().receipts === 2);
    expect(bridge.counters()).toMatchObject({ messages: 1, duplicates: 1, deadLetters: 0 });
  });

  it("takes readings that came before the device was assigned into the leg", async () => {
    const { journeyId } = edge;
    await edge.database.deleteFrom("leg_assignments").execute();
    const bridge = await edge.bridge();
    const device = await edge.client(GIAI);
    for (const sequence of [1, 2, 3, 4]) {
      const message = readingsPayload(sequence);
      await publish(device, "readings", await edge.sign({ ...message, readings: message.readings.map((reading) => ({ ...reading, temperatureCelsius: 20 })) }));
    }
    await until(() => bridge.counters().messages === 4);
    expect(await edge.exceptions()).toEqual([]);
    await edge.database.insertInto("leg_assignments").values({ journey_id: journeyId, leg: 0, giai: GIAI, assigned_from: START }).execute();
    await bridge.sweep();
    expect(await edge.exceptions()).toMatchObject([{ code: "temperature-excursion", observed: 180 }]);
  });

  it("shows its counters to Prometheus", async () => {
    const bridge = await edge.bridge();
    const device = await edge.client(GIAI);
    await publish(device, "readings", await edge.sign(readingsPayload(1)));
    await publish(device, "readings", "unsigned");
    await until(() => bridge.counters().deadLetters === 1 && bridge.counters().messages === 1);
    const registry = new Registry();
    bridge.registerMetrics(registry);
    const text = await registry.metrics();
    expect(text).toContain("threadline_telemetry_readings_total 1");
    expect(text).toContain('threadline_telemetry_dead_letters_total{reason="signature-missing"} 1');
  });

  it("stores the same set, without exceptions, from any order of arrival", async () => {
    const bridge = await edge.bridge();
    const device = await edge.client(GIAI);
    const shuffled = Array.from({ length: 40 }, (_, index) => ((index * 17) % 40) + 1);
    expect(new Set(shuffled).size).toBe(40);
    for (const sequence of shuffled) await publish(device, "readings", await edge.sign(readingsPayload(sequence)));
    await until(() => bridge.counters().messages === 40);
    expect(await storedSequences()).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    await bridge.sweep({ ignoreGrace: true });
    expect(await edge.exceptions()).toEqual([]);
  });

  it("flags messages that stay away, and keeps the flag when one arrives late", async () => {
    const bridge = await edge.bridge({ holeGraceSeconds: 0.3, sweepMilliseconds: 50 });
    const device = await edge.client(GIAI);
    for (const sequence of [1, 2, 5, 6]) await publish(device, "readings", await edge.sign(readingsPayload(sequence)));
    await until(async () => (await edge.exceptions()).some(({ unit }) => unit === "messages"));
    const flagged = await edge.exceptions();
    expect(flagged.find(({ unit }) => unit === "messages")).toMatchObject({ code: "sensor-gap", observed: 2, limit: 0, leg: 0 });
    await publish(device, "readings", await edge.sign(readingsPayload(3)));
    await until(() => bridge.counters().messages === 5);
    await bridge.sweep({ ignoreGrace: true });
    expect(await edge.exceptions()).toEqual(flagged);
  });

  it("judges what arrives late as if it had come in order", async () => {
    const bridge = await edge.bridge({ holeGraceSeconds: 0.2, sweepMilliseconds: 50 });
    const device = await edge.client(GIAI);
    const hot = async (sequence: number) => {
      const message = readingsPayload(sequence);
      return edge.sign({ ...message, readings: message.readings.map((reading) => ({ ...reading, temperatureCelsius: 20 })) });
    };
    await publish(device, "readings", await edge.sign(readingsPayload(1)));
    await publish(device, "readings", await edge.sign(readingsPayload(4)));
    await until(async () => (await edge.exceptions()).some(({ unit }) => unit === "messages"));
    expect((await edge.exceptions()).map(({ code }) => code)).toEqual(["sensor-gap", "sensor-gap"]);
    await publish(device, "readings", await hot(2));
    await publish(device, "readings", await hot(3));
    await until(() => bridge.counters().messages === 4);
    expect((await edge.exceptions()).filter(({ code }) => code !== "sensor-gap")).toMatchObject([{ code: "temperature-excursion", observed: 180, limit: 120 }]);
  });

  it("publishes the assignment of a device and changes it with the table", async () => {
    const bridge = await edge.bridge();
    const device = edge.device();
    expect(await device.assignment({ leg: 0 })).toMatchObject({ journeyId: edge.journeyId, leg: 0, timeUnitSeconds: 1 });
    await edge.database.deleteFrom("leg_assignments").execute();
    await bridge.refreshAssignment(GIAI);
    await sleep(200);
    await expect(device.assignment({ timeoutSeconds: 0.2 })).rejects.toMatchObject({ code: "assignment-missing" });
  });
});
