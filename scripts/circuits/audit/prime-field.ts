/** Arithmetic in the scalar field of BN254, over plain BigInts. */
import { FIELD_ORDER } from "../../../services/model/field.ts";

/** The representative in [0, p). */
export function reduce(value: bigint): bigint {
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}

/** The representative in (-p/2, p/2]: coefficients of circuits are small numbers of either sign. */
export function signed(value: bigint): bigint {
  return value > FIELD_ORDER / 2n ? value - FIELD_ORDER : value;
}

/** Multiplicative inverse by Euclid. Throws RangeError for zero. */
export function inverse(value: bigint): bigint {
  if (value === 1n || value === FIELD_ORDER - 1n) return value;
  let [remainder, next] = [FIELD_ORDER, reduce(value)];
  let [coefficient, nextCoefficient] = [0n, 1n];
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, nextCoefficient] = [nextCoefficient, coefficient - quotient * nextCoefficient];
  }
  if (remainder !== 1n) throw new RangeError(`${value} has no inverse in the field`);
  return reduce(coefficient);
}
