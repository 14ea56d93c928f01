import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import { canonicalJson } from "../model/canonical-json.ts";
import { encodeTemperature, encodeTilt } from "../model/condition/index.ts";
import type { Reading } from "../model/condition/index.ts";
import { ThreadlineError } from "../model/errors.ts";
import { createAssignmentWatch } from "./assignment-watch.ts";
import type { LegChoice } from "./assignment-watch.ts";
import type { DeviceKeys } from "./device-keys.ts";
import { createFileStore } from "./file-store.ts";
import { silentLogger } from "./logger.ts";
import type { Logger } from "./logger.ts";
import { createMessageComposer } from "./message-composer.ts";
import { createMemoryStore } from "./message-store.ts";
import type { StoreRecord } from "./message-store.ts";
import { assignmentSchema, receiptSchema } from "./messages.ts";
import type { Assignment } from "./messages.ts";
import { createSegmenter } from "./segmenter.ts";
import type { DeviceSegment, Segmenter } from "./segmenter.ts";
import { createSender } from "./sender.ts";
import { DEFAULT_TOPIC_ROOT, deviceTopics } from "./topics.ts";

export interface DeviceClientConfig {
  brokerUrl: string;
  giai: string;
  ownerGln: string;
  keys: DeviceKeys;
  keyEpoch: number;
  /** Directory of the durable store; without it messages live as long as the process. One per device and key epoch. */
  storeDirectory?: string;
  username?: string;
  password?: string;
  topicRoot?: string;
  /** 4 (MQTT 3.1.1, the default) or 5. */
  protocolVersion?: 4 | 5;
  /** Readings batched into one message: 1 for live watching, more for play-back. */
  readingsPerMessage?: number;
  resendSeconds?: number;
  /** Messages without a receipt that may be under way at once. */
  window?: number;
  logger?: Logger;
}

export interface DeviceClient {
  /** The leg assigned to this device; waits for one (of a given journey and leg). Throws `assignment-missing`. */
  assignment(choice?: LegChoice & { timeoutSeconds?: number }): Promise<Assignment>;
  publishReading(reading: Reading): Promise<void>;
  /** Resolves when the readings are in the store. Throws `reading-out-of-order` and takes none of them. */
  publishReadings(readings: readonly Reading[]): Promise<void>;
  /** Closes the open segment, as at the end of a leg. */
  seal(): Promise<void>;
  /** Resolves when every message has its receipt. Throws `device-not-drained` with what is missing. */
  drained(timeoutSeconds: number): Promise<void>;
  /** Time of the last reading taken for the present leg, also before a restart; null when there is none. */
  lastReadingSeconds(): number | null;
  /** Messages without a receipt. */
  pendingCount(): number;
  close(): Promise<void>;
}

/** With more messages than this without a receipt `publishReadings` waits for receipts, for as long as some come. */
const MOST_PENDING = 4_000;
const PATIENCE_MILLISECONDS = 2_000;

/**
 * A data logger or its gateway: signs readings and segments, keeps each message until the bridge's receipt and resends
 * it until then. Sequence numbers are never used twice, over restarts too when there is a store directory.
 */
export function createDeviceClient(config: DeviceClientConfig): DeviceClient {
  const { giai, keyEpoch, keys } = config;
  const logger = config.logger ?? silentLogger;
  const topics = deviceTopics(config.topicRoot ?? DEFAULT_TOPIC_ROOT, config.ownerGln, giai);
  const store = config.storeDirectory === undefined ? createMemoryStore(keyEpoch) : createFileStore(config.storeDirectory, keyEpoch);
  const { pending } = store.state;
  const composer = createMessageComposer({ giai, keyEpoch, keys, nextSequence: store.state.nextSequence });
  const watch = createAssignmentWatch();
  let current: Assignment | null = null;
  let segmenter: Segmenter | null = null;
  let last: number | null = store.state.open.readings.at(-1)?.timeSeconds ?? null;
  let lane: Promise<unknown> = Promise.resolve();

  const connection = mqtt.connect(config.brokerUrl, {
    manualConnect: true,
    clientId: `device-${encodeURIComponent(giai)}-${keyEpoch}`,
    clean: true,
    protocolVersion: config.protocolVersion ?? 4,
    reconnectPeriod: 500,
    resubscribe: false,
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.password === undefined ? {} : { password: config.password }),
  });
  const sender = createSender(
    { window: config.window ?? 256, resendMilliseconds: (config.resendSeconds ?? 5) * 1000 },
    {
      pending,
      isConnected: () => connection.connected,
      publish: (message) => connection.publish(message.kind === "segment" ? topics.segments : topics.readings, message.body, { qos: 1 }, () => undefined),
    },
  );
  const timer = setInterval(() => sender.resendOverdue(), Math.max(50, ((config.resendSeconds ?? 5) * 1000) / 4));

  /** One change at a time, so that sequence numbers and records stay in one order. */
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = lane.then(work);
    lane = result.catch(() => undefined);
    return result;
  }

  async function keep(before: StoreRecord[], readings: readonly Reading[], segments: readonly DeviceSegment[]): Promise<void> {
    const messages = [
      ...composer.readingsMessages(readings, config.readingsPerMessage ?? 1),
      ...segments.map((segment) => composer.segmentMessage(segment)),
    ];
    await store.append([...before, ...(await Promise.all(messages))]);
    sender.pump();
  }

  function assign(next: Assignment | null): Promise<void> {
    return inOrder(async () => {
      if (canonicalJson(next) === canonicalJson(current)) return;
      const sealed = segmenter?.seal() ?? null;
      if (sealed !== null) await keep([], [], [sealed]);
      current = next;
      last = null;
      segmenter = next === null ? null : createSegmenter(next, { readings: [], firstIsSealed: false });
      await store.append([{ type: "assignment", assignment: next }]);
      watch.set(next);
    });
  }

  function take(readings: readonly Reading[]): Promise<void> {
    return inOrder(async () => {
      const rounded = readings.map((reading) => ({ ...reading, timeSeconds: Math.round(reading.timeSeconds * 1000) / 1000 }));
      assertInOrder(rounded, last);
      const taker = segmenter;
      last = rounded.at(-1)?.timeSeconds ?? last;
      if (taker === null) return keep([], rounded, []);
      const segments = rounded.flatMap((reading) => taker.add(reading));
      await keep(rounded.map((reading) => ({ type: "reading", reading })), rounded, segments);
    });
  }

  connection.on("connect", () => {
    connection.subscribe([topics.receipts, topics.assignment], { qos: 1 }, (error) => {
      if (error !== null && error !== undefined) logger.error({ giai, error: error.message }, "the broker refused the device's subscriptions");
      sender.restart();
    });
  });
  connection.on("error", (error) => logger.warn({ giai, error: error.message }, "broker connection"));
  connection.on("message", (topic, payload) => {
    try {
      const value: unknown = payload.length === 0 ? null : JSON.parse(payload.toString("utf8"));
      if (topic === topics.assignment) assign(value === null ? null : assignmentSchema.parse(value)).catch(report);
      if (topic === topics.receipts) receipt(receiptSchema.parse(value));
    } catch (error) {
      report(error);
    }
  });

  function receipt({ keyEpoch: epoch, sequence }: { keyEpoch: number; sequence: number }): void {
    if (epoch !== keyEpoch || !pending.has(sequence)) return;
    store.append([{ type: "receipt", sequence }]).then(() => sender.pump(), report);
  }

  /** Waits while receipts come in; without any the store has to hold what there is. */
  async function relief(): Promise<void> {
    let [least, since] = [pending.size, Date.now()];
    while (pending.size > MOST_PENDING && Date.now() - since < PATIENCE_MILLISECONDS) {
      await sleep(20);
      if (pending.size < least) [least, since] = [pending.size, Date.now()];
    }
  }

  function report(error: unknown): void {
    logger.error({ giai, error: error instanceof Error ? error.message : String(error) }, "device client");
  }

  const stored = store.state.assignment;
  if (stored !== null) {
    current = stored;
    watch.set(stored);
    const resumed = createSegmenter(stored, store.state.open);
    segmenter = resumed;
    if (resumed.resumed.length > 0) inOrder(() => keep([], [], resumed.resumed)).catch(report);
  }
  connection.connect();

  return {
    assignment: async (choice = {}) => watch.wait(choice, choice.timeoutSeconds ?? 30, giai),
    publishReading: (reading) => take([reading]),
    async publishReadings(readings) {
      await take(readings);
      await relief();
    },
    seal: () =>
      inOrder(async () => {
        const sealed = segmenter?.seal() ?? null;
        if (sealed !== null) await keep([], [], [sealed]);
      }),
    async drained(timeoutSeconds) {
      const end = Date.now() + timeoutSeconds * 1000;
      for (await lane; pending.size > 0; await sleep(10)) if (Date.now() > end) throw notDrained(giai, [...pending.keys()], timeoutSeconds);
    },
    lastReadingSeconds: () => last,
    pendingCount: () => pending.size,
    async close() {
      clearInterval(timer);
      await lane;
      await connection.endAsync(true);
      await store.close();
    },
  };
}

function assertInOrder(readings: readonly Reading[], last: number | null): void {
  let before = last;
  for (const { timeSeconds, temperatureCelsius, tiltDegrees } of readings) {
    encodeTemperature(temperatureCelsius);
    encodeTilt(tiltDegrees);
    if (!(timeSeconds >= 0 && (before === null || timeSeconds >= before)))
      throw new ThreadlineError("reading-out-of-order", `a reading of ${timeSeconds} s came after one of ${before} s; publish readings in the order of their times`, { timeSeconds, before });
    before = timeSeconds;
  }
}

function notDrained(giai: string, missing: number[], timeoutSeconds: number): ThreadlineError {
  const shown = missing.slice(0, 10);
  return new ThreadlineError(
    "device-not-drained",
    `${missing.length} messages of ${giai} have no receipt after ${timeoutSeconds} s, the first are ${shown.join(", ")}; look for them among the dead letters, or see that the bridge runs`,
    { giai, missing: shown, count: missing.length },
  );
}
