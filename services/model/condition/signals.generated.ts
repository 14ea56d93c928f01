// Generated from circuits/circuits.json by scripts/circuits/generate.ts; do not edit.

export const CONDITION_SEGMENT = {
  name: "condition-segment",
  parameters: { readings: 157 },
  publicSignals: ["context", "deviceKeyCommitment", "terms", "stateBefore", "stateAfter", "readingsCommitment"],
} as const;

/** Public signals by name; each is below the field's order. */
export interface ConditionSegmentSignals {
  /** Chain, contract, journey and leg: the top 253 bits of their Keccak-256. 253 bits. */
  context: bigint;
  /** Poseidon of the device's BabyJubJub public key. 254 bits. */
  deviceKeyCommitment: bigint;
  /** What is demanded and for when, packed low to high. 156 bits. */
  terms: bigint;
  /** Commitment to the leg's totals before the segment. 254 bits. */
  stateBefore: bigint;
  /** Commitment to the leg's totals after the segment. 254 bits. */
  stateAfter: bigint;
  /** What the device signed: context, start and readings, salted. 254 bits. */
  readingsCommitment: bigint;
}

/** Parts of the public signal `terms`, low to high. */
export interface ConditionSegmentTerms {
  /** 16 bits, centikelvin. */
  minimumCentikelvin: number;
  /** 16 bits, centikelvin. */
  maximumCentikelvin: number;
  /** 8 bits, degrees, 255 = not monitored. */
  tiltLimitDegrees: number;
  /** 22 bits, ticks. */
  temperatureBudgetTicks: number;
  /** 22 bits, ticks. */
  tiltBudgetTicks: number;
  /** 8 bits, ticks. */
  longestGapTicks: number;
  /** 32 bits, ticks since the epoch. */
  fromTick: number;
  /** 32 bits, ticks since the epoch. */
  toTick: number;
}

const termsBits: readonly (readonly [keyof ConditionSegmentTerms, number])[] = [
  ["minimumCentikelvin", 16],
  ["maximumCentikelvin", 16],
  ["tiltLimitDegrees", 8],
  ["temperatureBudgetTicks", 22],
  ["tiltBudgetTicks", 22],
  ["longestGapTicks", 8],
  ["fromTick", 32],
  ["toTick", 32],
];

/** Packs the parts of `terms`; throws RangeError for a part that does not fit. */
export function packTerms(parts: ConditionSegmentTerms): bigint {
  let packed = 0n;
  let shift = 0n;
  for (const [name, bits] of termsBits) {
    const value = parts[name];
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) throw new RangeError(`${name} is ${value}, which is not an unsigned integer of ${bits} bits`);
    packed |= BigInt(value) << shift;
    shift += BigInt(bits);
  }
  return packed;
}

/** The inverse of `packTerms`. */
export function unpackTerms(packed: bigint): ConditionSegmentTerms {
  const parts: Record<string, number> = {};
  let rest = packed;
  for (const [name, bits] of termsBits) {
    parts[name] = Number(BigInt.asUintN(bits, rest));
    rest >>= BigInt(bits);
  }
  if (rest !== 0n) throw new RangeError(`${packed} has more bits than terms`);
  return parts as unknown as ConditionSegmentTerms;
}
