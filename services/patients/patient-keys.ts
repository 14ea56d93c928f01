import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { ThreadlineError } from "../model/errors.ts";
import { openText, sealText } from "../store/sealed-text.ts";

const SHORTEST_SECRET_BYTES = 32;

/** Keys of the translator, all derived from the node's secret; without it the tables say nothing of anyone. */
export interface PatientKeys {
  /** Keyed hash by which an identifier, a pseudonym or a message is found (HMAC-SHA-256), hexadecimal. */
  blindIndex(kind: "identifier" | "pseudonym" | "message", text: string): string;
  /** A new random key of a record, and how it is stored. */
  newRecordKey(recordId: string): { key: RecordKey; sealedKey: string };
  /** Throws `patient-record-unreadable` when the sealed key was changed or sealed with another secret. */
  openRecordKey(recordId: string, sealedKey: string): RecordKey;
  /** Keyed hash of an audit entry's hash, hexadecimal. */
  auditSeal(entryHash: string): string;
}

/** Seals what belongs to one record. What it sealed is lost with it. */
export interface RecordKey {
  seal(place: string, text: string): string;
  open(place: string, sealed: string): string;
}

/**
 * Derives the translator's keys with HKDF-SHA-256 (RFC 5869), one per use. The index is keyed because record numbers are
 * few: a plain hash of one is found by trying them all. Throws `secret-too-short` for a secret below 32 bytes.
 */
export function createPatientKeys(secret: Uint8Array): PatientKeys {
  if (secret.length < SHORTEST_SECRET_BYTES)
    throw new ThreadlineError(
      "secret-too-short",
      `the node's secret has ${secret.length} bytes; give it ${SHORTEST_SECRET_BYTES} random ones`,
    );
  const derive = (use: string) => new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), `threadline/patients/${use}/v1`, 32));
  const wrappingKey = derive("record-keys");
  const indexKey = derive("blind-index");
  const auditKey = derive("audit");
  return {
    blindIndex: (kind, text) => keyedHash(indexKey, `${kind}:${text}`),
    newRecordKey(recordId) {
      const key = randomBytes(32);
      return { key: recordKeyOf(recordId, key), sealedKey: sealText(wrappingKey, key.toString("hex"), recordId) };
    },
    openRecordKey: (recordId, sealedKey) =>
      recordKeyOf(recordId, Buffer.from(readable(() => openText(wrappingKey, sealedKey, recordId)), "hex")),
    auditSeal: (entryHash) => keyedHash(auditKey, entryHash),
  };
}

function recordKeyOf(recordId: string, key: Uint8Array): RecordKey {
  return {
    seal: (place, text) => sealText(key, text, `${recordId}:${place}`),
    open: (place, sealed) => readable(() => openText(key, sealed, `${recordId}:${place}`)),
  };
}

function readable(open: () => string): string {
  try {
    return open();
  } catch (error) {
    throw new ThreadlineError(
      "patient-record-unreadable",
      "a patient record cannot be opened: it was changed, or sealed with another secret; restore the node's secret",
      {},
      { cause: error },
    );
  }
}

function keyedHash(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}
