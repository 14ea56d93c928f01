import { timeUnitSeconds } from "../model/condition/profile.ts";
import { profileOfLeg, stepNumber } from "../model/custody/flow.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { DeviceAssigned, IntervalAccepted, SegmentProven } from "./ledger-events.ts";
import { durationText } from "./duration-text.ts";
import { isoTime } from "./registry-state.ts";

/** Accepted: covered, but for intervals that a qualified person accepted without proof. */
export type LegStatus = "pending" | "compliant" | "not-compliant" | "accepted";

export interface LegRecord {
  assignment: DeviceAssigned | null;
  segments: SegmentProven[];
  /** Intervals accepted without proof. */
  acceptances: IntervalAccepted[];
}

export const NO_LEG: LegRecord = { assignment: null, segments: [], acceptances: [] };

export interface LegCoverage {
  status: LegStatus;
  /** Why it is not compliant yet, or at all; or what of it is accepted without proof. */
  reason: string | null;
}

/** What covers a leg, proven segments and accepted intervals, in the ledger's order. */
export function piecesOf({ segments, acceptances }: LegRecord): (SegmentProven | IntervalAccepted)[] {
  if (acceptances.length === 0) return segments;
  return [...segments, ...acceptances].sort((left, right) => left.blockNumber - right.blockNumber || left.logIndex - right.logIndex);
}

/** Twin of `ConditionProofs.legStatus`, with the reason. `recordedSteps`: step number → Unix seconds. */
export function legCoverage(
  flow: FlowDefinition,
  legNumber: number,
  leg: LegRecord,
  recordedSteps: ReadonlyMap<number, number>,
): LegCoverage {
  const definition = flow.legs[legNumber];
  if (definition === undefined) return { status: "not-compliant", reason: `the flow has no leg ${legNumber}` };
  const profile = profileOfLeg(flow, definition);
  const start = recordedSteps.get(stepNumber(flow, definition.from)) ?? 0;
  const end = recordedSteps.get(stepNumber(flow, definition.to)) ?? 0;
  if (start === 0) return pending(`step ${definition.from} is not recorded`);
  const pieces = piecesOf(leg);
  const [first] = pieces;
  const last = pieces.at(-1);
  if (first !== undefined && first.from > start + profile.longestGapSeconds)
    return notCompliant(`proofs start at ${isoTime(first.from)}, ${first.from - start} s after the leg started`);
  if (end === 0) return pending(`step ${definition.to} is not recorded`);
  if (end < start) return notCompliant("the leg ends before it starts");
  if (end - start > profile.longestDurationSeconds)
    return notCompliant(`the leg took ${end - start} s, ${profile.longestDurationSeconds} s are allowed`);
  if (last === undefined) return pending("no segment is proven");
  // The last reading's time was rounded down by less than one unit.
  if (last.to + profile.longestGapSeconds + timeUnitSeconds(profile.longestGapSeconds) - 1 < end)
    return pending(`proofs end at ${isoTime(last.to)}, ${end - last.to} s before the leg ended`);
  return leg.acceptances.length === 0 ? { status: "compliant", reason: null } : { status: "accepted", reason: acceptedText(leg) };
}

function acceptedText({ acceptances }: LegRecord): string {
  const parts = acceptances.map(
    ({ from, to, exceptionNumber }) => `${durationText(to - from)} accepted under exception ${exceptionNumber}, ${isoTime(from)} to ${isoTime(to)}`,
  );
  return `covered but for ${parts.join(" and ")}`;
}

function pending(reason: string): LegCoverage {
  return { status: "pending", reason };
}

function notCompliant(reason: string): LegCoverage {
  return { status: "not-compliant", reason };
}
