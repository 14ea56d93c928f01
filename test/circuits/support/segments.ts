import { createHash } from "node:crypto";
import { CONDITION_SEGMENT, conditionProfileSchema, createDeviceSigningKey, genesisState, poseidonChain, segmentCircuitInputs, signFieldElement, signSegment } from "../../../services/model/condition/index.ts";
import type { CircuitInputs, ConditionProfile, DeviceSigningKey, Segment, SegmentReading, SegmentStatement } from "../../../services/model/condition/index.ts";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { known } from "./known.ts";

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

/**
 * What a colluding device could do: packs whatever field elements stand in the inputs, signs the commitment and makes
 * terms and commitment fit, without any of the model's checks.
 */
export function signedAnew(inputs: CircuitInputs, key: DeviceSigningKey = testKey): CircuitInputs {
  const list = (name: string): bigint[] => (inputs[name] as string[]).map(BigInt);
  const one = (name: string): bigint => BigInt(inputs[name] as string);
  const temperatures = list("temperatureCentikelvin");
  const tilts = list("tiltDegrees");
  const steps = list("stepTicks");
  const elements: bigint[] = [];
  for (let start = 0; start < temperatures.length; start += 7) {
    let packed = 0n;
    for (let place = 0; place < 7 && start + place < temperatures.length; place += 1) {
      const index = start + place;
      packed += (known(temperatures[index]) + (known(tilts[index]) << 17n) + (known(steps[index]) << 25n)) << (33n * BigInt(place));
    }
    elements.push(packed % FIELD_ORDER);
  }
  const readingsCommitment = poseidonChain([one("context"), one("fromTick"), one("salt"), ...elements]);
  const { R8, S } = signFieldElement(key.privateKey, readingsCommitment);
  const toTick = steps.reduce((sum, step) => sum + step, one("fromTick"));
  const part = one;
  const terms =
    part("minimumCentikelvin") +
    (part("maximumCentikelvin") << 16n) +
    (part("tiltLimitDegrees") << 32n) +
    (part("temperatureBudgetTicks") << 40n) +
    (part("tiltBudgetTicks") << 62n) +
    (part("longestGapTicks") << 84n) +
    (part("fromTick") << 92n) +
    (toTick << 124n);
  return {
    ...inputs,
    publicKey: key.publicKey.map(String),
    deviceKeyCommitment: String(key.commitment),
    readingsCommitment: String(readingsCommitment),
    signatureR: R8.map(String),
    signatureS: String(S),
    terms: String(((terms % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER),
  };
}

/** Inputs with one element of a list replaced. */
export function withElement(inputs: CircuitInputs, name: string, index: number, value: bigint | number): CircuitInputs {
  const list = [...(inputs[name] as string[])];
  list[index] = String(((BigInt(value) % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER);
  return { ...inputs, [name]: list };
}

export const publicSignalNames = CONDITION_SEGMENT.publicSignals;
