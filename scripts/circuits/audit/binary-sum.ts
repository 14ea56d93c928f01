import { FIELD_ORDER } from "../../../services/model/field.ts";
import { inverse, reduce, signed } from "./prime-field.ts";

/** A term weight · y with y in {0, 1}. */
export interface BinaryTerm {
  wire: number;
  weight: bigint;
}

/** Terms scaled to positive integers, the largest first, each above the sum of all smaller ones. */
interface Scaled {
  magnitudes: { wire: number; magnitude: bigint; isNegative: boolean }[];
  /** What the sum is multiplied with, and what is added for the terms that were negative. */
  scale: bigint;
  offset: bigint;
  total: bigint;
}

/** Scales as above, or says null: then a sum need not have one reading, and nothing is concluded from it. */
export function scaleBinaryTerms(terms: readonly BinaryTerm[]): Scaled | null {
  const weights = new Set(terms.map(({ weight }) => weight));
  const half = inverse(2n);
  const smallest = terms.find(({ weight }) => !weights.has(reduce(weight * half)) && !weights.has(reduce(-weight * half)));
  if (smallest === undefined || smallest.weight === 0n) return null;
  const scale = inverse(smallest.weight);
  // As they are first: of 254 bits the highest weighs more than p / 2 and would pass for negative.
  return order(terms, scale, (value) => value) ?? order(terms, scale, signed);
}

function order(terms: readonly BinaryTerm[], scale: bigint, read: (value: bigint) => bigint): Scaled | null {
  const magnitudes = terms
    .map(({ wire, weight }) => ({ wire, value: read(reduce(weight * scale)) }))
    .map(({ wire, value }) => ({ wire, magnitude: value < 0n ? -value : value, isNegative: value < 0n }))
    .sort((one, other) => (one.magnitude > other.magnitude ? -1 : 1));
  let below = 0n;
  let offset = 0n;
  for (const { magnitude, isNegative } of magnitudes.toReversed()) {
    if (magnitude <= below) return null;
    below += magnitude;
    if (isNegative) offset += magnitude;
  }
  return { magnitudes, scale, offset, total: below };
}

/** Every choice of the bits whose weighted sum is `sum` in the field: one at most, unless the weights together reach the field's order. */
export function readingsOfBinarySum({ magnitudes, scale, offset, total }: Scaled, sum: bigint): Map<number, bigint>[] {
  const readings: Map<number, bigint>[] = [];
  for (let target = reduce(sum * scale + offset); target <= total; target += FIELD_ORDER) {
    let rest = target;
    const bits = new Map<number, bigint>();
    for (const { wire, magnitude, isNegative } of magnitudes) {
      const taken = rest >= magnitude;
      if (taken) rest -= magnitude;
      bits.set(wire, taken !== isNegative ? 1n : 0n);
    }
    if (rest === 0n) readings.push(bits);
  }
  return readings;
}
