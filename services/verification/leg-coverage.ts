import { timeUnitSeconds } from "../model/condition/profile.ts";
import { profileOfLeg, stepNumber } from "../model/custody/flow.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { DeviceAssigned, SegmentProven } from "./ledger-events.ts";
import { isoTime } from "./registry-state.ts";

export type LegStatus = "pending" | "compliant" | "not-compliant";

export interface LegRecord {
  assignment: DeviceAssigned | null;
  segments: SegmentProven[];
}

export interface LegCoverage {
  status: LegStatus;
  /** Why it is not compliant yet, or at all. */
  reason: string | null;
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
  const [first] = leg.segments;
  const last = leg.segments.at(-1);
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
  return { status: "compliant", reason: null };
}

function pending(reason: string): LegCoverage {
  return { status: "pending", reason };
}

function notCompliant(reason: string): LegCoverage {
  return { status: "not-compliant", reason };
}
