import { timeUnitSeconds } from "../model/condition/profile.ts";
import { profileOfLeg } from "../model/custody/flow.ts";
import { deviceIdOf } from "../model/custody/identifiers.ts";
import type { Divergence } from "./audit-report.ts";
import type { DisclosedSegment } from "./disclosure.ts";
import type { JourneyHistory } from "./history.ts";

/** Every segment proven on the ledger is among those disclosed, by the same device, leg and interval. */
export function matchSegments(history: JourneyHistory, disclosed: readonly DisclosedSegment[]): Divergence[] {
  const byCommitment = new Map(disclosed.map((segment) => [segment.readingsCommitment, segment]));
  const divergences: Divergence[] = [];
  for (const [legNumber, { assignment, segments }] of history.legs) {
    const definition = history.flow.legs[legNumber];
    if (definition === undefined) continue;
    const unit = timeUnitSeconds(profileOfLeg(history.flow, definition).longestGapSeconds);
    for (const { number, from, to, readingsCommitment } of segments) {
      const what = `leg ${definition.leg} segment ${number}`;
      const found = byCommitment.get(readingsCommitment.toString());
      if (found === undefined) {
        divergences.push({ kind: "segment-missing", what, expected: readingsCommitment.toString(), actual: "none" });
        continue;
      }
      const differs = (part: string, expected: unknown, actual: unknown) => {
        if (expected === actual) return;
        divergences.push({
          kind: "segment-differs",
          what: `${part} of ${what}`,
          expected: String(expected),
          actual: String(actual),
        });
      };
      differs("leg", legNumber, found.leg);
      differs("start in ticks", from / unit, found.fromTick);
      differs("end in ticks", to / unit, found.toTick);
      differs("device", assignment?.deviceId ?? null, deviceIdOf(found.giai));
    }
  }
  return divergences;
}
