import type { Kysely } from "kysely";
import type { Registry } from "prom-client";
import { DEFAULT_TOPIC_ROOT, deviceTopics, silentLogger } from "../device/index.ts";
import type { Logger } from "../device/index.ts";
import type { Failure } from "../schedule/failure-record.ts";
import { createWorkLoop } from "../schedule/work-loop.ts";
import type { Notifications } from "../store/notifications.ts";
import type { Database } from "../store/schema.ts";
import { createAssignmentPublisher } from "./assignment-publisher.ts";
import { recordExceptions, storeBatch } from "./batch-store.ts";
import type { BatchOutcome, Checked, SealedSegmentNotice } from "./batch-store.ts";
import { createBrokerLink } from "./broker-link.ts";
import { createCounterBook } from "./counters.ts";
import type { TelemetryCounters } from "./counters.ts";
import { DEAD_LETTER_LIMITS, createDeadLetterKeeping } from "./dead-letter-limits.ts";
import type { DeadLetterLimits } from "./dead-letter-limits.ts";
import { createDeviceDirectory } from "./device-directory.ts";
import { createIntake } from "./intake.ts";
import { createLegDirectory } from "./leg-directory.ts";
import type { AssignedLeg } from "./leg-directory.ts";
import { createLegJudge } from "./leg-judge.ts";
import type { JudgeConfig } from "./leg-judge.ts";
import { parsedGiai, verifyMessage } from "./message-verification.ts";
import type { IncomingMessage } from "./message-verification.ts";

export interface TelemetryBridgeConfig extends Partial<JudgeConfig> {
  brokerUrl: string;
  username?: string | undefined;
  password?: string | undefined;
  topicRoot?: string;
  /** Of the persistent session; two bridges on one broker need two. */
  clientId?: string;
  /** 4 (MQTT 3.1.1, the default) or 5. */
  protocolVersion?: 4 | 5;
  sweepMilliseconds?: number;
  largestBatch?: number;
  collectMilliseconds?: number;
  /** How much is kept of what was refused. */
  deadLetters?: Partial<DeadLetterLimits>;
}

export interface TelemetryBridgeParts {
  database: Kysely<Database>;
  notifications?: Notifications;
  ledger: { conditionProofsAddress: string; chainId: bigint | number };
  logger?: Logger;
  /** Operations for the ledger were enqueued. */
  onOperation?: () => void;
  /** A segment was stored for proving. */
  onSegment?: (segment: SealedSegmentNotice) => void;
}

export interface TelemetryBridge {
  counters(): TelemetryCounters;
  registerMetrics(registry: Registry): void;
  /** Publishes a device's assignment anew after `leg_assignments` changed. */
  refreshAssignment(giai: string): Promise<void>;
  /** Judges what time alone shows, as the periodic sweep does; without waiting for late messages when told so. */
  sweep(options?: { ignoreGrace?: boolean }): Promise<void>;
  /** Why its sweep, or its keeping of dead letters, does not get on; null while it does. */
  failure(): Failure | null;
  isConnected(): boolean;
  /** Stops; messages not yet durable stay unacknowledged and come again. */
  close(): Promise<void>;
}

const DEFAULTS = { holeGraceSeconds: 10, watchdogSeconds: 5, endGraceSeconds: 3 };
const FIRST_SUBSCRIPTION_MILLISECONDS = 10_000;
const MESSAGES_IN_MEMORY = 2_000;

/**
 * Takes signed messages of devices from an MQTT broker into the store. A message is acknowledged to the broker, and
 * receipted to the device, only after the transaction that holds it and all that follows from it. Resolves once
 * subscribed, or after ten seconds without a broker; it goes on trying.
 */
export async function createTelemetryBridge(config: TelemetryBridgeConfig, parts: TelemetryBridgeParts): Promise<TelemetryBridge> {
  const { database, ledger } = parts;
  const logger = parts.logger ?? silentLogger;
  const topicRoot = config.topicRoot ?? DEFAULT_TOPIC_ROOT;
  const rules = {
    holeGraceSeconds: config.holeGraceSeconds ?? DEFAULTS.holeGraceSeconds,
    watchdogSeconds: config.watchdogSeconds ?? DEFAULTS.watchdogSeconds,
    endGraceSeconds: config.endGraceSeconds ?? DEFAULTS.endGraceSeconds,
  };
  const devices = createDeviceDirectory(database, logger);
  const legs = createLegDirectory(database);
  const judge = createLegJudge(rules, { legs, calibrationOf: (giai) => devices.find(giai) ?? null });
  const book = createCounterBook();
  const intake = createIntake(
    { largestBatch: config.largestBatch ?? 400, collectMilliseconds: config.collectMilliseconds ?? 3, room: MESSAGES_IN_MEMORY },
    { store, refuse: (incoming, detail) => storeChecked([{ incoming, result: { ok: false, giai: null, reason: "not-storable", detail } }]) },
    logger,
  );

  const connection = createBrokerLink(
    config.brokerUrl,
    {
      clientId: config.clientId ?? "threadline-telemetry-bridge",
      clean: false,
      protocolVersion: config.protocolVersion ?? 4,
      ...(config.protocolVersion === 5 ? { properties: { sessionExpiryInterval: 0xffff_ffff } } : {}),
      reconnectPeriod: 500,
      resubscribe: false,
      ...(config.username === undefined ? {} : { username: config.username }),
      ...(config.password === undefined ? {} : { password: config.password }),
    },
    { take: (topic, payload) => intake.push({ topic, payload, receivedAtMilliseconds: Date.now() }), hasRoom: () => intake.hasRoom() },
  );
  const assignments = createAssignmentPublisher({ topicRoot, ledger }, { legs, connection, logger });

  /** What is known of devices and legs, as of now. */
  async function refresh(giais: readonly string[]): Promise<void> {
    const added = await legs.refresh();
    for (const leg of added) await adoptEarlierReadings(database, leg);
    await devices.refresh([...new Set([...giais, ...legs.legs().map((leg) => leg.giai)])]);
    if (connection.connected) assignments.publishChanges();
  }

  async function store(batch: readonly IncomingMessage[]): Promise<void> {
    const giais = [...new Set(batch.flatMap(({ topic }) => parsedGiai(topicRoot, topic) ?? []))];
    if (await isKnown(giais)) await devices.refresh(giais);
    else await refresh(giais);
    const checked = await Promise.all(
      batch.map(async (incoming): Promise<Checked> => ({ incoming, result: await verifyMessage(topicRoot, incoming, devices.find) })),
    );
    await storeChecked(checked);
  }

  async function storeChecked(checked: readonly Checked[]): Promise<void> {
    announce(await storeBatch({ database, legs, judge, ledger }, checked));
  }

  /** True when the assignments of these devices are the ones in memory. */
  async function isKnown(giais: readonly string[]): Promise<boolean> {
    if (giais.length === 0) return true;
    const rows = await database.selectFrom("leg_assignments").select(["journey_id", "leg", "giai"]).where("giai", "in", giais).execute();
    return rows.every((row) => legs.find(row.journey_id, row.leg)?.giai === row.giai);
  }

  function announce(outcome: BatchOutcome): void {
    book.add(outcome);
    // Without a connection a receipt is not kept: the device asks again by resending.
    for (const { ownerGln, message } of connection.connected ? outcome.receipts : []) {
      const { keyEpoch, sequence, giai } = message;
      connection.publish(deviceTopics(topicRoot, ownerGln, giai).receipts, JSON.stringify({ keyEpoch, sequence }), { qos: 1 }, () => undefined);
    }
    for (const { reason, detail, giai } of outcome.refused) logger.warn({ reason, detail, giai }, "a message was refused");
    outcome.segments.forEach((segment) => parts.onSegment?.(segment));
    if (outcome.newExceptions > 0) parts.onOperation?.();
  }

  async function sweep(ignoreGrace: boolean): Promise<void> {
    await refresh([]);
    const exceptions = await judge.sweep(database, { milliseconds: Date.now(), ignoreGrace });
    if (exceptions.length === 0) return;
    try {
      const recorded = await database.transaction().execute((transaction) => recordExceptions(transaction, exceptions));
      if (recorded > 0) parts.onOperation?.();
    } catch (error) {
      judge.forget();
      throw error;
    }
  }

  let subscribed: () => void = () => undefined;
  const firstSubscription = new Promise<void>((resolve) => (subscribed = resolve));
  connection.on("connect", () => {
    connection.subscribe([`${topicRoot}/+/+/readings`, `${topicRoot}/+/+/segments`], { qos: 1 }, (error) => {
      if (error) logger.error({ error: error.message }, "the broker refused the bridge's subscriptions");
      else subscribed();
    });
    assignments.republish();
  });
  connection.on("error", (error) => logger.warn({ error: error.message }, "broker connection"));

  await intake.between(() => refresh([]));
  connection.connect();
  await Promise.race([firstSubscription, new Promise((resolve) => setTimeout(resolve, FIRST_SUBSCRIPTION_MILLISECONDS).unref())]);

  const sweeps = createWorkLoop({
    name: "the telemetry bridge's sweep",
    async step() {
      await intake.between(() => sweep(false));
      return "idle";
    },
    everyMilliseconds: config.sweepMilliseconds ?? 1_000,
    restsFirst: true,
    logger,
  });
  sweeps.start();
  const deadLetters = createDeadLetterKeeping({ ...DEAD_LETTER_LIMITS, ...config.deadLetters }, { database, logger });

  return {
    counters: book.counters,
    registerMetrics: book.register,
    refreshAssignment: (giai) => intake.between(() => refresh([giai])),
    sweep: (options = {}) => intake.between(() => sweep(options.ignoreGrace === true)),
    failure: () => sweeps.failure() ?? deadLetters.failure(),
    isConnected: () => connection.connected,
    async close() {
      await sweeps.close();
      await deadLetters.close();
      await intake.close();
      await connection.endAsync(true);
    },
  };
}

/** Readings that came before their device was assigned, from a time on when it was, belong to the leg as well. */
async function adoptEarlierReadings(database: Kysely<Database>, leg: AssignedLeg): Promise<void> {
  const adopted = database
    .updateTable("telemetry_messages")
    .set({ journey_id: leg.journeyId, leg: leg.leg })
    .where("giai", "=", leg.giai)
    .where("journey_id", "is", null)
    .where("first_time", ">=", leg.assignedFrom);
  await (leg.endedAt === null ? adopted : adopted.where("first_time", "<=", Math.floor(leg.endedAt))).execute();
}
