import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { playReadings, readingsMessageSchema } from "../../services/device/index.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import { deviceToken, messageOfBody } from "../../services/telemetry/index.ts";
import { DEVICE_SECRET, GIAI, OWNER_GLN, START, createEdge, openSharedDatabase, series, until } from "../telemetry/support/edge.ts";
import type { Edge } from "../telemetry/support/edge.ts";

let shared: OpenDatabase;
let edge: Edge;
let storeDirectory: string;
beforeAll(async () => {
  shared = await openSharedDatabase();
});
beforeEach(async () => {
  edge = await createEdge(shared);
  storeDirectory = mkdtempSync(join(tmpdir(), "threadline-device-"));
});
afterEach(async () => {
  await edge.close();
  rmSync(storeDirectory, { recursive: true, force: true });
});
afterAll(() => shared.close());

const stored = () => edge.database.selectFrom("telemetry_messages").selectAll().orderBy("sequence").execute();
const times = async () =>
  (await stored())
    .filter((row) => row.kind === "readings")
    .flatMap((row) => readingsMessageSchema.parse(messageOfBody(row.body)).readings.map((reading) => Date.parse(reading.time) / 1000));
const minutes = (count: number) => Array.from({ length: count }, (_, index) => START + index * 60);

/** Runs a device until it has published `count` readings, then kills it without notice. */
async function killedAfter(count: number): Promise<number> {
  const script = fileURLToPath(new URL("./support/crashing-device.ts", import.meta.url));
  const child = spawn(process.execPath, [script, edge.broker.url, GIAI, OWNER_GLN, deviceToken(DEVICE_SECRET, GIAI), storeDirectory, String(START)], { stdio: ["ignore", "pipe", "inherit"] });
  let last = 0;
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error("the device stopped by itself")));
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = chunk.toString().trim().split("\n");
      seen += lines.length;
      last = Number(lines.at(-1));
      if (seen >= count) resolve();
    });
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await Promise.race([gone, ended]);
  return last;
}

describe("device client", () => {
  it("goes on after kill -9, twice: no reading lost, no sequence number used for two messages", async () => {
    const bridge = await edge.bridge();
    await killedAfter(40);
    const last = await killedAfter(40);
    const device = edge.device({ storeDirectory });
    await device.assignment();
    expect(device.lastReadingSeconds()).toBeGreaterThanOrEqual(last);
    await device.seal();
    await device.drained(30);

    const rows = await stored();
    expect(rows.map((row) => row.sequence)).toEqual(rows.map((_, index) => index + 1));
    expect(await times()).toEqual(minutes((device.lastReadingSeconds() ?? 0) / 60 - START / 60 + 1));
    expect(bridge.counters().deadLetters).toBe(0);
    const segments = await edge.database.selectFrom("segments").selectAll().orderBy("from_tick").orderBy("to_tick").execute();
    expect(segments[0]?.from_tick).toBe(START);
    segments.slice(1).forEach((segment, index) => expect(segment.from_tick).toBe(segments[index]?.to_tick));
    expect(segments.at(-1)?.to_tick).toBe(device.lastReadingSeconds());
    expect(await edge.exceptions()).toEqual([]);
  });

  it("resends until the receipt comes, whatever the broker lost", async () => {
    const device = edge.device({ resendSeconds: 0.2, storeDirectory });
    await device.publishReadings(series(3));
    await sleep(400);
    expect(device.pendingCount()).toBe(3);
    await expect(device.drained(0.1)).rejects.toMatchObject({ code: "device-not-drained", details: { count: 3, missing: [1, 2, 3] } });
    await edge.bridge();
    await device.drained(15);
    expect(await times()).toEqual(minutes(3));
  });

  it("skips what it already has when a series is played again after a stop", async () => {
    await edge.bridge();
    const first = edge.device({ storeDirectory, readingsPerMessage: 10 });
    await first.assignment();
    await first.publishReadings(series(25));
    await first.drained(15);
    await first.close();
    const second = edge.device({ storeDirectory, readingsPerMessage: 10 });
    expect(await playReadings({ client: second, readings: series(40) })).toEqual({ published: 15, skipped: 25 });
    expect(await times()).toEqual(minutes(40));
    const segments = await edge.database.selectFrom("segments").selectAll().execute();
    expect(segments).toHaveLength(1);
    expect(segments[0]).toMatchObject({ from_tick: START, to_tick: START + 39 * 60 });
  });

  it("plays at the speed asked for", async () => {
    await edge.bridge();
    const startedAt = Date.now();
    await playReadings({ client: edge.device(), readings: series(5), speed: 480 });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(490);
    expect(await times()).toEqual(minutes(5));
  });

  it("ends the chain of segments at a gap over the limit", async () => {
    await edge.bridge();
    await playReadings({ client: edge.device(), readings: [...series(3), ...series(3, undefined, START + 3_600)] });
    const segments = await edge.database.selectFrom("segments").select(["from_tick", "to_tick"]).orderBy("from_tick").execute();
    expect(segments).toEqual([
      { from_tick: START, to_tick: START + 120 },
      { from_tick: START + 3_600, to_tick: START + 3_720 },
    ]);
  });

  it("refuses readings out of order or impossible, and takes none of them", async () => {
    const device = edge.device();
    await device.publishReadings(series(2));
    const [first, second] = series(2, undefined, START + 600);
    if (first === undefined || second === undefined) throw new Error("two readings");
    await expect(device.publishReadings([second, first])).rejects.toMatchObject({ code: "reading-out-of-order" });
    await expect(device.publishReading({ ...first, timeSeconds: START })).rejects.toMatchObject({ code: "reading-out-of-order" });
    await expect(device.publishReading({ ...first, temperatureCelsius: Number.NaN })).rejects.toMatchObject({ code: "temperature-invalid" });
    expect(device.pendingCount()).toBe(2);
  });

  it("drops a torn last line of its store, and refuses a damaged one or another key epoch's", async () => {
    const device = edge.device({ storeDirectory });
    await device.publishReadings(series(2));
    await device.close();
    const path = join(storeDirectory, "messages.jsonl");
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, `${whole}{"type":"message","sequ`);
    const again = edge.device({ storeDirectory });
    expect(again.pendingCount()).toBe(2);
    await again.close();
    expect(() => edge.device({ storeDirectory, keyEpoch: 2 })).toThrow(expect.objectContaining({ code: "device-store-other-key" }));
    writeFileSync(path, `garbage\n${whole}`);
    expect(() => edge.device({ storeDirectory })).toThrow(expect.objectContaining({ code: "device-store-damaged" }));
  });

  it("signs with P-256 as well", async () => {
    const { createDeviceKeys } = await import("../../services/device/index.ts");
    const keys = createDeviceKeys(new Uint8Array(32).fill(1), "ES256");
    await edge.database.updateTable("devices").set({ message_key: JSON.stringify(keys.messageKey.publicJwk) }).execute();
    const bridge = await edge.bridge();
    const device = edge.device({ keys });
    await device.publishReadings(series(2));
    await device.drained(15);
    await until(() => bridge.counters().messages === 2);
    expect(await times()).toEqual(minutes(2));
  });
});
