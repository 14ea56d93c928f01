/** Order r of the scalar field of BN254 (alt_bn128), the field of Circom circuits and of BabyJubJub's coordinates. */
export const FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Order of BabyJubJub's prime-order subgroup (EIP-2494). */
export const SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

/** True for integers in [0, r): the only values a public signal may have. */
export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < FIELD_ORDER;
}

/** The inverse of a field element. Throws RangeError for 0, which has none. */
export function invertFieldElement(value: bigint): bigint {
  let [remainder, next] = [FIELD_ORDER, ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER];
  let [coefficient, nextCoefficient] = [0n, 1n];
  if (next === 0n) throw new RangeError("0 has no inverse");
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, nextCoefficient] = [nextCoefficient, coefficient - quotient * nextCoefficient];
  }
  return (coefficient + FIELD_ORDER) % FIELD_ORDER;
}
