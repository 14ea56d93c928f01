import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonical-json.ts";

/** Hash before the first entry of a trail. */
export const FIRST_AUDIT_HASH = "0".repeat(64);

/**
 * Hash of a trail's entry, hexadecimal: SHA-256 over the canonical JSON of the hash before it and what it says, so that an
 * entry changed, moved or taken out of the middle breaks all that follow.
 */
export function chainedHash(previousHash: string, content: Record<string, unknown>): string {
  return canonicalHash({ ...content, previousHash });
}

export function canonicalHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
