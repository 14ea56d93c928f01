import { groth16 } from "snarkjs";
import type { Groth16Proof } from "snarkjs";
import type { VerificationKey } from "./verification-key.ts";

/** Checks one proof by the local key. Public signals in the circuit's order. */
export async function verifyProof(
  key: VerificationKey,
  publicSignals: readonly bigint[],
  proof: Groth16Proof,
): Promise<boolean> {
  return groth16.verify(key, publicSignals.map(String), proof);
}

let verifications = 0;

/** Runs work that verifies proofs and ends snarkjs' threads after the last of several such runs at once. */
export async function usingCurve<T>(work: () => Promise<T>): Promise<T> {
  verifications += 1;
  try {
    return await work();
  } finally {
    verifications -= 1;
    if (verifications === 0) await closeVerification();
  }
}

/** Ends the threads snarkjs keeps for the curve; a process that verified does not exit before. */
export async function closeVerification(): Promise<void> {
  const curve = (globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }).curve_bn128;
  await curve?.terminate();
}
