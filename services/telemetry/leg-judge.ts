import type { Kysely, Transaction } from "kysely";
import type { DeviceMessage } from "../device/index.ts";
import type { NewException } from "../store/exception-details.ts";
import type { Database, TelemetryMessageRow } from "../store/schema.ts";
import { holeException } from "./exceptions.ts";
import { presentLeg } from "./leg-directory.ts";
import type { AssignedLeg, LegDirectory } from "./leg-directory.ts";
import { createLegWatch } from "./leg-watch.ts";
import type { Calibration, LegWatch } from "./leg-watch.ts";
import { readingsOf } from "./message-readings.ts";
import { messageOfBody } from "./message-verification.ts";
import { createSequenceTracker } from "./sequence-tracker.ts";
import type { SequenceTracker } from "./sequence-tracker.ts";

export interface JudgeConfig {
  /** A missing sequence number counts as lost after this many seconds. */
  holeGraceSeconds: number;
  /** Silence beyond the longest gap before the clock flags it. */
  watchdogSeconds: number;
  /** Time for readings under way when a leg's end is captured. */
  endGraceSeconds: number;
}

type Queryable = Kysely<Database> | Transaction<Database>;

/** A stored message as it waits to be judged; `message` is its body when it has been parsed already. */
export type StoredMessage = Pick<TelemetryMessageRow, "giai" | "key_epoch" | "sequence" | "journey_id" | "leg" | "first_time" | "body" | "received_at_milliseconds"> & {
  message?: DeviceMessage;
};

export interface LegJudge {
  /** Judges messages just inserted by this transaction. */
  take(transaction: Transaction<Database>, stored: readonly StoredMessage[], nowMilliseconds: number): Promise<NewException[]>;
  /** What time alone shows: holes that stayed, silent devices, legs that ended early. */
  sweep(database: Queryable, now: { milliseconds: number; ignoreGrace: boolean }): Promise<NewException[]>;
  /** Drops what is in memory, after a transaction that did not commit; it is made anew from the store. */
  forget(): void;
}

/** Ended legs are not looked at again, after a restart, when their end was captured longer ago than this. */
const SETTLED_AFTER_MILLISECONDS = 24 * 3_600_000;

/** Live rules of all assigned legs. Its memory is a function of the store: sequence order, not order of arrival. */
export function createLegJudge(config: JudgeConfig, parts: { legs: LegDirectory; calibrationOf: (giai: string) => Calibration | null }): LegJudge {
  const trackers = new Map<string, { giai: string; keyEpoch: number; tracker: SequenceTracker<StoredMessage> }>();
  const watches = new Map<string, LegWatch>();
  const settled = new Set<string>();
  /** While nobody listened nothing could arrive, so a hole found at a start is given its grace from then. */
  const listeningSince = Date.now();

  /** Orders a device's messages; at first use from what is stored, less what was just inserted. */
  async function trackerOf(database: Queryable, giai: string, keyEpoch: number, now: number, inserted: readonly StoredMessage[], found: NewException[]) {
    const key = trackerKey(giai, keyEpoch);
    const known = trackers.get(key);
    if (known !== undefined) return known.tracker;
    const rows = await messages(database).where("giai", "=", giai).where("key_epoch", "=", keyEpoch).orderBy("sequence").select(["giai", "key_epoch", "sequence", "journey_id", "leg", "received_at_milliseconds", "first_time"]).execute();
    const fresh = new Set(inserted.map((message) => message.sequence));
    const before = rows.filter((row) => !fresh.has(row.sequence));
    let judged = 0;
    let young = before.length;
    for (const [place, row] of before.entries()) {
      if (row.sequence !== judged + 1) {
        if (Math.max(row.received_at_milliseconds, listeningSince) > now - config.holeGraceSeconds * 1000) {
          young = place;
          break;
        }
        found.push(...hole(row, keyEpoch, judged + 1, row.sequence - judged - 1, row.first_time));
      }
      judged = row.sequence;
    }
    const tracker = createSequenceTracker<StoredMessage>(judged);
    trackers.set(key, { giai, keyEpoch, tracker });
    for (const row of before.slice(young)) tracker.take(row.sequence, await stored(database, giai, keyEpoch, row.sequence), now);
    return tracker;
  }

  function hole(after: Pick<StoredMessage, "giai" | "journey_id" | "leg">, keyEpoch: number, firstMissing: number, missing: number, occurredAt: number): NewException[] {
    const leg = legOf(after) ?? presentLeg(parts.legs.legsOf(after.giai));
    return leg === null ? [] : [holeException(leg, { keyEpoch, firstMissing, missing, occurredAt })];
  }

  function legOf(message: Pick<StoredMessage, "journey_id" | "leg">): AssignedLeg | null {
    if (message.journey_id === null || message.leg === null) return null;
    return parts.legs.find(message.journey_id, message.leg) ?? null;
  }

  function feed(watch: LegWatch, leg: AssignedLeg, message: StoredMessage): NewException[] {
    const readings = readingsOf(message.message ?? messageOfBody(message.body), leg.profile);
    return watch.feed(leg, readings, parts.calibrationOf(message.giai), message.received_at_milliseconds);
  }

  /** A leg's watch, at first use from all that is stored and in order. */
  async function watchOf(database: Queryable, leg: AssignedLeg, now: number, found: NewException[]): Promise<LegWatch> {
    const known = watches.get(leg.key);
    if (known !== undefined && known.shippers === leg.shippers.length) return known;
    const watch = createLegWatch(leg);
    const rows = await messages(database).where("journey_id", "=", leg.journeyId).where("leg", "=", leg.leg).orderBy("key_epoch").orderBy("sequence").selectAll().execute();
    for (const row of rows) {
      const tracker = await trackerOf(database, row.giai, row.key_epoch, now, [], found);
      if (row.sequence <= tracker.judgedThrough()) found.push(...feed(watch, leg, row));
    }
    watches.set(leg.key, watch);
    return watch;
  }

  async function judge(database: Queryable, ready: readonly StoredMessage[], now: number, found: NewException[]): Promise<void> {
    for (const message of ready) {
      const leg = legOf(message);
      if (leg !== null) found.push(...feed(await watchOf(database, leg, now, found), leg, message));
    }
  }

  async function take(transaction: Transaction<Database>, batch: readonly StoredMessage[], now: number): Promise<NewException[]> {
    const found: NewException[] = [];
    const fresh = new Map<string, StoredMessage[]>();
    for (const message of batch) {
      const key = trackerKey(message.giai, message.key_epoch);
      fresh.set(key, [...(fresh.get(key) ?? []), message]);
    }
    const outdated = new Map<string, AssignedLeg>();
    for (const message of batch) {
      const inserted = fresh.get(trackerKey(message.giai, message.key_epoch)) ?? [];
      const tracker = await trackerOf(transaction, message.giai, message.key_epoch, now, inserted, found);
      const { ready, late } = tracker.take(message.sequence, message, now);
      await judge(transaction, ready, now, found);
      const leg = late ? legOf(message) : null;
      if (leg !== null) outdated.set(leg.key, leg);
    }
    for (const leg of outdated.values()) {
      watches.delete(leg.key);
      await watchOf(transaction, leg, now, found);
    }
    return found;
  }

  async function sweep(database: Queryable, now: { milliseconds: number; ignoreGrace: boolean }): Promise<NewException[]> {
    const found: NewException[] = [];
    const { milliseconds } = now;
    const openLegs = parts.legs.legs().filter((leg) => !isSettled(leg, milliseconds));
    for (const leg of openLegs) await watchOf(database, leg, milliseconds, found);
    const since = now.ignoreGrace ? Infinity : milliseconds - config.holeGraceSeconds * 1000;
    for (const { keyEpoch, tracker } of trackers.values())
      for (let given = tracker.giveUp(since, milliseconds); given !== null; given = tracker.giveUp(since, milliseconds)) {
        const [after] = given.ready;
        if (after !== undefined) found.push(...hole(after, keyEpoch, given.firstMissing, given.missing, after.first_time));
        await judge(database, given.ready, milliseconds, found);
      }
    for (const leg of openLegs) {
      const endGraceSeconds = now.ignoreGrace ? 0 : config.endGraceSeconds;
      const watch = await watchOf(database, leg, milliseconds, found);
      found.push(...watch.inspect(leg, { milliseconds, watchdogSeconds: config.watchdogSeconds, endGraceSeconds }));
      if (leg.endRecordedAtMilliseconds !== null && milliseconds >= leg.endRecordedAtMilliseconds + endGraceSeconds * 1000) {
        settled.add(settledKey(leg));
        watches.delete(leg.key);
      }
    }
    return found;
  }

  function isSettled(leg: AssignedLeg, now: number): boolean {
    return settled.has(settledKey(leg)) || (leg.endRecordedAtMilliseconds !== null && leg.endRecordedAtMilliseconds < now - SETTLED_AFTER_MILLISECONDS);
  }

  return {
    take,
    sweep,
    forget() {
      trackers.clear();
      watches.clear();
      settled.clear();
    },
  };
}

/** A shipper recorded late opens a settled leg again. */
function settledKey(leg: AssignedLeg): string {
  return `${leg.key}#${leg.shippers.length}`;
}

function trackerKey(giai: string, keyEpoch: number): string {
  return `${giai}#${keyEpoch}`;
}

function messages(database: Queryable) {
  return database.selectFrom("telemetry_messages");
}

async function stored(database: Queryable, giai: string, keyEpoch: number, sequence: number): Promise<StoredMessage> {
  return messages(database).selectAll().where("giai", "=", giai).where("key_epoch", "=", keyEpoch).where("sequence", "=", sequence).executeTakeFirstOrThrow();
}
