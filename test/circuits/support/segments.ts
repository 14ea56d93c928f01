import { createHash } from "node:crypto";
import { CONDITION_SEGMENT, conditionProfileSchema, createDeviceSigningKey, genesisState, segmentCircuitInputs, signSegment } from "../../../services/model/condition/index.ts";
import type { CircuitInputs, ConditionProfile, DeviceSigningKey, Segment, SegmentReading, SegmentStatement } from "../../../services/model/condition/index.ts";

/** A fresh apheresis product: 2 to 8 degrees, ten minutes of excursion, upright, a reading every two minutes at least. */
export const freshProfile: ConditionProfile = conditionProfileSchema.parse({
  name: "fresh",
  minimumTemperatureCelsius: 2,
  maximumTemperatureCelsius: 8,
  temperatureBudgetSeconds: 600,
  tiltLimitDegrees: 30,
  tiltBudgetSeconds: 60,
  longestGapSeconds: 120,
  longestDurationSeconds: 259_200,
});

export const testKey: DeviceSigningKey = createDeviceSigningKey(new Uint8Array(32).fill(11));
export const otherKey: DeviceSigningKey = createDeviceSigningKey(new Uint8Array(32).fill(12));

/** Integers in [0, bound), the same for the same seed. */
export function seededIntegers(seed: string): (bound: number) => number {
  let counter = 0;
  return (bound) => {
    counter += 1;
    return createHash("sha256").update(`${seed}:${counter}`).digest().readUIntBE(0, 6) % bound;
  };
}

export const goodReading: SegmentReading = { temperatureCentikelvin: 27_815, tiltDegrees: 3, stepTicks: 60 };

/** A segment of good readings, a minute apart, the first at its start. */
export function goodSegment(count: number, changes: Partial<Segment> = {}): Segment {
  const readings = Array.from({ length: count }, (_, index) => ({ ...goodReading, stepTicks: index === 0 ? 0 : 60 }));
  return { context: 1234n, fromTick: 1_700_000_000, readings, salt: 42n, ...changes };
}

export function statementOf(segment: Segment, changes: Partial<SegmentStatement> = {}): SegmentStatement {
  return { segment, publicKey: testKey.publicKey, profile: freshProfile, stateBefore: { ...genesisState }, blindingBefore: 0n, blindingAfter: 77n, ...changes };
}

export function honestInputs(segment: Segment, changes: Partial<SegmentStatement> = {}): CircuitInputs {
  return segmentCircuitInputs({ ...statementOf(segment, changes), signature: signSegment(segment, testKey) });
}

export { signedAnew, withElement } from "../../../scripts/circuits/audit/fixtures/condition-segment.ts";

export const publicSignalNames = CONDITION_SEGMENT.publicSignals;
