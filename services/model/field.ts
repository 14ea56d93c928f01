/** Order r of the scalar field of BN254 (alt_bn128), the field of Circom circuits and of BabyJubJub's coordinates. */
export const FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Order of BabyJubJub's prime-order subgroup (EIP-2494). */
export const SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

/** True for integers in [0, r): the only values a public signal may have. */
export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < FIELD_ORDER;
}
