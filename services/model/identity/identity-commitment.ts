import { toBeHex } from "ethers";
import { ThreadlineError } from "../errors.ts";
import { poseidonTriple } from "../condition/poseidon.ts";
import { parseCoiIdentifier } from "./isbt128.ts";

/** What an identity commitment hides. */
export interface IdentityOpening {
  /** Chain of Identity identifier, 15 characters (ISBT 128 ST-028). */
  coi: string;
  /** The patient's pseudonym, 31 bytes hexadecimal; null when none is bound yet. */
  patient: string | null;
  /** 248 random bits, see `blindingFromBytes`; who knows them can open the commitment. */
  blinding: bigint;
}

const BLINDING_BYTES = 31;
const PSEUDONYM = /^(?:0x)?([0-9a-f]{62})$/i;

/**
 * The number the circuit knows a Chain of Identity identifier by: its 15 ASCII characters, the first one highest, 120 bits.
 * Takes every form `parseCoiIdentifier` reads. Throws `identity-malformed` for any other text.
 */
export function coiToNumber(coi: string): bigint {
  const result = parseCoiIdentifier(coi);
  if (!result.ok) throw new ThreadlineError("identity-malformed", result.message, { observed: coi });
  return [...result.value.coi].reduce((number, character) => (number << 8n) | BigInt(character.charCodeAt(0)), 0n);
}

/** A pseudonym as a number of 248 bits, 0 for null. Throws `pseudonym-malformed`, also for 31 zero bytes, which would read as none. */
export function patientToNumber(pseudonym: string | null): bigint {
  if (pseudonym === null) return 0n;
  const [, digits = ""] = PSEUDONYM.exec(pseudonym) ?? [];
  const number = digits === "" ? 0n : BigInt(`0x${digits}`);
  if (number === 0n) throw new ThreadlineError("pseudonym-malformed", "a patient pseudonym is 31 bytes in hexadecimal, not all zero", { length: pseudonym.length });
  return number;
}

/** A blinding of 31 random bytes. Throws `blinding-malformed` for another length. */
export function blindingFromBytes(bytes: Uint8Array): bigint {
  if (bytes.length !== BLINDING_BYTES) throw new ThreadlineError("blinding-malformed", `a blinding has ${BLINDING_BYTES} bytes, not ${bytes.length}`, { length: bytes.length });
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/**
 * Poseidon(coi, patient, blinding): the twin of circuits/lib/identity-commitment.circom.
 * Throws `identity-malformed`, `pseudonym-malformed`, `blinding-malformed`.
 */
export function identityCommitment(opening: IdentityOpening): bigint {
  assertBlinding(opening.blinding);
  return poseidonTriple(coiToNumber(opening.coi), patientToNumber(opening.patient), opening.blinding);
}

/** Throws `blinding-malformed` unless the blinding has 1 to 248 bits; 0 would be no blinding at all. */
export function assertBlinding(blinding: bigint): void {
  if (blinding <= 0n || blinding >> 248n !== 0n) throw new ThreadlineError("blinding-malformed", "a blinding is a random number of 248 bits, not 0");
}

/** A commitment as the ledger and the database hold it: 32 bytes hexadecimal. */
export function commitmentToBytes32(commitment: bigint): string {
  return toBeHex(commitment, 32);
}
