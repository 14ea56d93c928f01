import { ThreadlineError } from "../errors.ts";
import { derivePublicKey, isPrimeOrderPoint, signFieldElement, verifyFieldElement } from "./eddsa-poseidon.ts";
import type { EddsaSignature, Point } from "./eddsa-poseidon.ts";
import { poseidonPair } from "./poseidon.ts";
import { readingsCommitment } from "./segment.ts";
import type { Segment } from "./segment.ts";

/** A device's signature of a segment's readings commitment. */
export type SegmentSignature = EddsaSignature;

export interface DeviceSigningKey {
  /** 32 bytes. */
  privateKey: Uint8Array;
  publicKey: Point;
  /** Poseidon(x, y): what the device registry holds. */
  commitment: bigint;
}

/** Derives a signing key from 32 secret bytes. Throws `seed-invalid` for another length. */
export function createDeviceSigningKey(seed: Uint8Array): DeviceSigningKey {
  if (seed.length !== 32) throw new ThreadlineError("seed-invalid", `a device seed has 32 bytes, not ${seed.length}`, { length: seed.length });
  const publicKey = derivePublicKey(seed);
  return { privateKey: Uint8Array.from(seed), publicKey, commitment: deviceKeyCommitment(publicKey) };
}

/** What the device registry and the public signals hold instead of the key. */
export function deviceKeyCommitment(publicKey: Point): bigint {
  return poseidonPair(publicKey[0], publicKey[1]);
}

/** On the curve, in the prime-order subgroup and not its identity: what enrolment must check. */
export function isValidDeviceKey(publicKey: Point): boolean {
  return isPrimeOrderPoint(publicKey);
}

/** Signs the readings commitment, and with it context, start and every reading. */
export function signSegment(segment: Segment, key: Pick<DeviceSigningKey, "privateKey">): SegmentSignature {
  return signFieldElement(key.privateKey, readingsCommitment(segment));
}

/** Verifies as the circuit does; false for every malformed key, point or scalar. */
export function verifySegmentSignature(segment: Segment, signature: SegmentSignature, publicKey: Point): boolean {
  return verifyFieldElement(readingsCommitment(segment), signature, publicKey);
}
