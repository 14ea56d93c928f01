import { AbiCoder, encodeBytes32String, decodeBytes32String, hexlify, keccak256, toUtf8Bytes } from "ethers";

const abi = AbiCoder.defaultAbiCoder();

/** Ledger id of an organisation: keccak-256 of its thirteen-digit GLN (public business data). */
export function participantIdOf(gln: string): string {
  return keccak256(toUtf8Bytes(gln));
}

/** Ledger id of a data logger: keccak-256 of its GIAI (GS1 AI 8004). */
export function deviceIdOf(giai: string): string {
  return keccak256(toUtf8Bytes(giai));
}

/** Ledger id of a shipper: keccak-256 of its GRAI with serial (GS1 AI 8003). */
export function equipmentIdOf(grai: string): string {
  return keccak256(toUtf8Bytes(grai));
}

/** Ledger id of a lane: keccak-256 of its name. */
export function laneIdOf(lane: string): string {
  return keccak256(toUtf8Bytes(`lane:${lane}`));
}

/**
 * Blinded id of a journey: keccak-256 of the Chain of Identity identifier and a 32-byte random salt.
 * Without the salt nothing on the ledger can be tied to the identifier.
 */
export function journeyIdOf(chainOfIdentity: string, salt: Uint8Array): string {
  return keccak256(abi.encode(["string", "string", "bytes32"], ["threadline/journey/v1", chainOfIdentity, hexlify(salt)]));
}

/** An exception code as the ledger stores it: ASCII, left-aligned in 32 bytes. */
export function codeToBytes32(code: string): string {
  return encodeBytes32String(code);
}

export function bytes32ToCode(bytes: string): string {
  return decodeBytes32String(bytes);
}
