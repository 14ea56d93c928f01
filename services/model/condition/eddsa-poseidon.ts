import { babyjubjub } from "@noble/curves/misc.js";
import { blake512 } from "@noble/hashes/blake1.js";
import { poseidon5 } from "poseidon-lite/poseidon5";
import { SUBGROUP_ORDER, isFieldElement } from "../field.ts";

/** A BabyJubJub point (EIP-2494), affine. */
export type Point = [bigint, bigint];

/** EdDSA over Poseidon on BabyJubJub, as iden3's circomlib: R8 = r·B8, S = r + H(R8, A, M)·s. */
export interface EddsaSignature {
  R8: Point;
  S: bigint;
}

type CurvePoint = InstanceType<typeof babyjubjub.Point>;

const generator = babyjubjub.Point.BASE;

/** Public key of a 32-byte private key. */
export function derivePublicKey(privateKey: Uint8Array): Point {
  return affine(generator.multiply(mod(expand(privateKey).scalar >> 3n)));
}

/** Signs a field element; the nonce is derived from key and message, so equal messages give equal signatures. */
export function signFieldElement(privateKey: Uint8Array, message: bigint): EddsaSignature {
  const { scalar, prefix } = expand(privateKey);
  const nonce = mod(fromLittleEndian(blake512(Uint8Array.from([...prefix, ...toLittleEndian(message)]))));
  const R8 = affine(generator.multiply(nonce));
  const challenge = poseidon5([...R8, ...derivePublicKey(privateKey), message]);
  return { R8, S: mod(nonce + challenge * scalar) };
}

/**
 * True for a valid signature under a valid key. False, never an exception, for points off the curve, keys outside the
 * prime-order subgroup (a verifier that takes them accepts forgeries), or S not below the subgroup's order.
 */
export function verifyFieldElement(message: bigint, signature: EddsaSignature, publicKey: Point): boolean {
  const key = curvePoint(publicKey);
  const nonce = curvePoint(signature.R8);
  if (key === null || nonce === null || !isPrimeOrder(key)) return false;
  if (signature.S < 0n || signature.S >= SUBGROUP_ORDER || !isFieldElement(message)) return false;
  const challenge = poseidon5([...signature.R8, ...publicKey, message]);
  const right = nonce.add(key.multiplyUnsafe(8n).multiplyUnsafe(mod(challenge)));
  return generator.multiplyUnsafe(signature.S).equals(right);
}

/** On the curve, in the prime-order subgroup, and not its identity. */
export function isPrimeOrderPoint(point: Point): boolean {
  const onCurve = curvePoint(point);
  return onCurve !== null && isPrimeOrder(onCurve);
}

function isPrimeOrder(point: CurvePoint): boolean {
  return !point.is0() && point.isTorsionFree();
}

function curvePoint([x, y]: Point): CurvePoint | null {
  if (!isFieldElement(x) || !isFieldElement(y)) return null;
  try {
    if (x === 0n && y === 1n) return babyjubjub.Point.ZERO;
    const point = babyjubjub.Point.fromAffine({ x, y });
    point.assertValidity();
    return point;
  } catch {
    return null;
  }
}

function expand(privateKey: Uint8Array): { scalar: bigint; prefix: Uint8Array } {
  const hash = blake512(privateKey);
  const low = hash.slice(0, 32);
  low[0] = (low[0] ?? 0) & 0xf8;
  low[31] = ((low[31] ?? 0) & 0x7f) | 0x40;
  return { scalar: fromLittleEndian(low), prefix: hash.slice(32, 64) };
}

function affine(point: CurvePoint): Point {
  const { x, y } = point.toAffine();
  return [x, y];
}

function mod(value: bigint): bigint {
  return value % SUBGROUP_ORDER;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toLittleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, place) => Number((value >> BigInt(8 * place)) & 0xffn));
}
