import { toCircuitInputs } from "../circuit-inputs.ts";
import type { CircuitInputs } from "../circuit-inputs.ts";
import { ThreadlineError } from "../errors.ts";
import { deviceKeyCommitment } from "./device-key.ts";
import type { SegmentSignature } from "./device-key.ts";
import type { Point } from "./eddsa-poseidon.ts";
import { evaluateSegment } from "./evaluate.ts";
import { circuitLimits, profileTerms } from "./profile.ts";
import type { ConditionProfile } from "./profile.ts";
import { assertSegment, padReadings, readingsCommitment, segmentToTick } from "./segment.ts";
import type { Segment } from "./segment.ts";
import { CONDITION_SEGMENT } from "./signals.generated.ts";
import type { ConditionSegmentSignals } from "./signals.generated.ts";
import { stateCommitment } from "./state.ts";
import type { ConditionState } from "./state.ts";

export type { CircuitInputs } from "../circuit-inputs.ts";

export interface SegmentStatement {
  segment: Segment;
  publicKey: Point;
  profile: ConditionProfile;
  stateBefore: ConditionState;
  /** 0 for the genesis state. */
  blindingBefore: bigint;
  /** Uniformly random field element, kept for the next segment. */
  blindingAfter: bigint;
}

/** The six public signals by name and in the circuit's order. Throws `segment-not-provable` with the breaches in `details`. */
export function segmentPublicSignals(statement: SegmentStatement): { named: ConditionSegmentSignals; ordered: bigint[]; stateAfter: ConditionState } {
  const { segment, profile } = statement;
  assertSegment(segment);
  const evaluation = evaluateSegment(statement.stateBefore, segment, profile);
  if (!evaluation.ok)
    throw new ThreadlineError("segment-not-provable", `the segment breaks its limits (${evaluation.breaches.map((breach) => breach.kind).join(", ")}); record an exception instead`, {
      breaches: evaluation.breaches,
    });
  const named: ConditionSegmentSignals = {
    context: segment.context,
    deviceKeyCommitment: deviceKeyCommitment(statement.publicKey),
    terms: profileTerms(profile, segment.fromTick, segmentToTick(segment)),
    stateBefore: stateCommitment(statement.stateBefore, statement.blindingBefore),
    stateAfter: stateCommitment(evaluation.after, statement.blindingAfter),
    readingsCommitment: readingsCommitment(segment),
  };
  return { named, ordered: CONDITION_SEGMENT.publicSignals.map((name) => named[name]), stateAfter: evaluation.after };
}

/** All inputs of the circuit `condition-segment`. Throws as `segmentPublicSignals` does. */
export function segmentCircuitInputs(statement: SegmentStatement & { signature: SegmentSignature }): CircuitInputs {
  const { segment, signature, stateBefore } = statement;
  const limits = circuitLimits(statement.profile);
  const readings = padReadings(segment.readings);
  const lowMaximum = lowIntervalMaximum(limits.longestGapTicks);
  return toCircuitInputs({
    ...segmentPublicSignals(statement).named,
    ...limits,
    fromTick: segment.fromTick,
    salt: segment.salt,
    temperatureCentikelvin: readings.map((reading) => reading.temperatureCentikelvin),
    tiltDegrees: readings.map((reading) => reading.tiltDegrees),
    stepTicks: readings.map((reading) => reading.stepTicks),
    stepIsHigh: readings.map((reading) => (reading.stepTicks > lowMaximum ? 1 : 0)),
    publicKey: statement.publicKey,
    signatureR: signature.R8,
    signatureS: signature.S,
    temperatureTicksBefore: stateBefore.temperatureExcursionTicks,
    tiltTicksBefore: stateBefore.tiltExcursionTicks,
    lastTemperatureOutsideBefore: stateBefore.lastTemperatureOut ? 1 : 0,
    lastTiltBeyondBefore: stateBefore.lastTiltOut ? 1 : 0,
    blindingBefore: statement.blindingBefore,
    blindingAfter: statement.blindingAfter,
  });
}

/** The all-ones number below the top bit of the longest gap, see circuits/lib/longest-gap.circom. */
export function lowIntervalMaximum(longestGapTicks: number): number {
  return longestGapTicks === 0 ? 0 : 2 ** Math.floor(Math.log2(longestGapTicks)) - 1;
}
