import { randomBytes } from "node:crypto";
import type { Kysely, Selectable, Transaction } from "kysely";
import { evaluateSegment, genesisBlinding, genesisState } from "../model/condition/index.ts";
import type { Breach, ConditionState } from "../model/condition/index.ts";
import { FIELD_ORDER } from "../model/field.ts";
import { recordException } from "../store/exception-details.ts";
import type { Database, SegmentRow } from "../store/schema.ts";
import { latestRestart, reopenAfterAcceptances } from "./accepted-intervals.ts";
import type { Restart } from "./accepted-intervals.ts";
import type { LegRules, LegRulesOf } from "./leg-rules.ts";
import { parseStoredSegment, stateFromText, stateToText } from "./stored-segment.ts";
import type { StoredSegment } from "./stored-segment.ts";

type Row = Selectable<SegmentRow>;

/** Where a leg's chain of segments stands. `broken`: a segment without a proof came, nothing can follow it. */
interface ChainEnd {
  toTick: number;
  state: ConditionState;
  blinding: bigint;
  broken: boolean;
}

/** The blinding has 64 bits more than the field, so that its remainder is even for all purposes. */
const BLINDING_BYTES = 40;

/**
 * Gives each sealed segment, in chain order, the states its proof will state, or says why it has none. The states are
 * stored before the proof is begun, so a proof made again after a crash states the same. Returns whether exceptions
 * were recorded. After an interval that was accepted without proof, a leg's totals start anew at its end.
 */
export async function planSegments(database: Kysely<Database>, rulesOf: LegRulesOf): Promise<boolean> {
  await reopenAfterAcceptances(database, rulesOf);
  const legs = await database.selectFrom("segments").select(["journey_id", "leg"]).distinct().where("status", "=", "sealed").execute();
  let flagged = false;
  for (const { journey_id, leg } of legs) {
    const rules = await rulesOf(journey_id, leg);
    const planned = await database.transaction().execute((transaction) => planLeg(transaction, journey_id, leg, rules));
    flagged ||= planned;
  }
  return flagged;
}

async function planLeg(transaction: Transaction<Database>, journeyId: string, leg: number, rules: LegRules): Promise<boolean> {
  const rows = await transaction
    .selectFrom("segments")
    .selectAll()
    .where("journey_id", "=", journeyId)
    .where("leg", "=", leg)
    .orderBy("from_tick")
    .orderBy("to_tick")
    .execute();
  const restart = await latestRestart(transaction, journeyId, leg, rules.unitSeconds);
  const after_acceptances = restart?.count ?? 0;
  let end = chainEnd(rows, restart);
  let flagged = false;
  for (const row of rows.filter((candidate) => candidate.status === "sealed")) {
    const stored = parseStoredSegment(row.body, rules.context);
    const complete = await nothingMissingBefore(transaction, row, stored);
    if (!complete && end?.toTick !== row.from_tick) continue;
    const obstacle = end === undefined ? undefined : obstacleOf(end, row);
    if (obstacle !== undefined) {
      await markUnprovable(transaction, row, obstacle, after_acceptances);
      continue;
    }
    const state = end?.state ?? { ...genesisState };
    const blinding = end?.blinding ?? genesisBlinding;
    const evaluation = evaluateSegment(state, stored.segment, rules.profile);
    if (!evaluation.ok) {
      await markUnprovable(transaction, row, `it breaks its limits: ${evaluation.breaches.map((breach) => breach.kind).join(", ")}`, after_acceptances);
      for (const breach of evaluation.breaches) await recordBreach(transaction, row, breach, restart);
      end = { toTick: row.to_tick, state, blinding, broken: true };
      flagged = true;
      continue;
    }
    const after = { state: evaluation.after, blinding: BigInt(`0x${randomBytes(BLINDING_BYTES).toString("hex")}`) % FIELD_ORDER };
    await transaction
      .updateTable("segments")
      .set({
        status: "proving",
        state_before: stateToText(state),
        blinding_before: blinding.toString(),
        state_after: stateToText(after.state),
        blinding_after: after.blinding.toString(),
        after_acceptances,
      })
      .where("readings_commitment", "=", row.readings_commitment)
      .execute();
    end = { toTick: row.to_tick, ...after, broken: false };
  }
  return flagged;
}

function chainEnd(rows: readonly Row[], restart: Restart | undefined): ChainEnd | undefined {
  const from = restart?.toTick ?? 0;
  const decided = rows.filter((row) => row.status !== "sealed" && row.from_tick >= from);
  const last = decided.filter((row) => row.state_after !== null).at(-1);
  if (decided.length === 0 && restart === undefined) return undefined;
  return {
    toTick: Math.max(from, ...decided.map((row) => row.to_tick)),
    state: last === undefined || last.state_after === null ? { ...genesisState } : stateFromText(last.state_after),
    blinding: BigInt(last?.blinding_after ?? genesisBlinding),
    broken: decided.some((row) => row.status === "unprovable"),
  };
}

function obstacleOf(end: ChainEnd, row: Row): string | undefined {
  if (end.broken) return "a segment of this leg before it has no proof, so the totals are not known";
  if (row.from_tick !== end.toTick) return `it starts at tick ${row.from_tick}, but the leg's chain of segments stands at tick ${end.toTick}`;
  return undefined;
}

/** Whether everything the device sent before this segment is here; what is still on its way may belong in between. */
async function nothingMissingBefore(transaction: Transaction<Database>, row: Row, { keyEpoch, sequence }: StoredSegment): Promise<boolean> {
  const { stored } = await transaction
    .selectFrom("telemetry_messages")
    .select((builder) => builder.fn.countAll<number>().as("stored"))
    .where("giai", "=", row.giai)
    .where("key_epoch", "=", keyEpoch)
    .where("sequence", "<", sequence)
    .executeTakeFirstOrThrow();
  return Number(stored) === sequence - 1;
}

async function markUnprovable(transaction: Transaction<Database>, row: Row, reason: string, after_acceptances: number): Promise<void> {
  await transaction.updateTable("segments").set({ status: "unprovable", reason, after_acceptances }).where("readings_commitment", "=", row.readings_commitment).execute();
}

/**
 * The live rules have raised most breaches long before; the same key makes this the same exception. After an accepted
 * interval the totals start anew, so exceeding them again is another one.
 */
async function recordBreach(transaction: Transaction<Database>, row: Row, breach: Breach, restart: Restart | undefined): Promise<void> {
  const excursionKey = restart === undefined ? `leg:${row.leg}` : `leg:${row.leg}:after:${restart.toTick}`;
  await recordException(transaction, {
    journeyId: row.journey_id,
    code: breach.kind,
    leg: row.leg,
    occurredAt: breach.atSeconds,
    observed: breach.observedSeconds,
    limit: breach.limitSeconds,
    unit: "seconds",
    message: `a sealed segment has no proof: ${breach.observedSeconds} s of ${breach.kind}, the limit is ${breach.limitSeconds} s`,
    key: breach.kind === "sensor-gap" ? `leg:${row.leg}:from:${(breach.atSeconds - breach.observedSeconds) * 1000}` : excursionKey,
  });
}
