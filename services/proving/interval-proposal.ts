import type { Kysely } from "kysely";
import { evaluateSegment, genesisState } from "../model/condition/index.ts";
import type { Database } from "../store/schema.ts";
import type { LegRules } from "./leg-rules.ts";
import { parseStoredSegment } from "./stored-segment.ts";

export interface IntervalProposal {
  /** Unix seconds, on the profile's time unit. */
  from: number;
  to: number;
}

/**
 * The interval that a qualified person would accept next: exactly what cannot be proven from where coverage ends on, a
 * run of segments without a proof or a gap, up to where proofs can go on with fresh totals, or to the leg's end.
 * `coveredUntil` and `endedAt` as the ledger has them, Unix seconds. A text says why there is none.
 */
export async function proposeInterval(
  database: Kysely<Database>,
  leg: { journeyId: string; leg: number; coveredUntil: number; endedAt: number | null },
  rules: LegRules,
): Promise<IntervalProposal | string> {
  const { coveredUntil: from, endedAt } = leg;
  const { unitSeconds, profile, context } = rules;
  if (from === 0) return "the leg has not started on the ledger yet";
  const end = endedAt === null ? null : Math.ceil(endedAt / unitSeconds) * unitSeconds;
  if (end !== null && from + profile.longestGapSeconds + unitSeconds > end) return "the leg is covered to its end";
  const rows = await database
    .selectFrom("segments")
    .selectAll()
    .where("journey_id", "=", leg.journeyId)
    .where("leg", "=", leg.leg)
    .where("from_tick", ">=", from / unitSeconds)
    .orderBy("from_tick")
    .orderBy("to_tick")
    .execute();
  let to = from;
  for (const row of rows) {
    const [rowFrom, rowTo] = [row.from_tick * unitSeconds, row.to_tick * unitSeconds];
    if (rowFrom < to) continue;
    const continuesCoverage = to === from && rowFrom === from;
    if (continuesCoverage && row.status !== "unprovable")
      return "the next segment can be proven or is being proven; wait for its proof";
    const { segment } = parseStoredSegment(row.body, context);
    const isProvable = row.proof === null && row.attempts > 0 ? false : evaluateSegment({ ...genesisState }, segment, profile).ok;
    if (!continuesCoverage && isProvable) return bounded(from, rowFrom, end);
    to = rowTo;
  }
  if (end !== null) return { from, to: to + profile.longestGapSeconds + unitSeconds > end && to > from ? Math.min(to, end) : end };
  return to > from ? { from, to } : "nothing was received since; the interval is open until readings come or the leg ends";
}

function bounded(from: number, to: number, end: number | null): IntervalProposal {
  return { from, to: end === null ? to : Math.min(to, end) };
}
