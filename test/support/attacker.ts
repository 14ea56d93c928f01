import { createDecipheriv, hkdfSync } from "node:crypto";
import { createVault } from "../../services/store/vault/index.ts";
import type { StoredColumn } from "./stored-texts.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Sealed texts of both kinds: with the number of a key, and without. */
const ENVELOPE = /\bv1\.(?:\d{1,9}\.)?([A-Za-z0-9_-]{38,})/g;

/**
 * Everything that somebody reads who has a dump of the database and the node's secret: what stands in clear, and each
 * sealed text under each key that can be had. GCM is counter mode with a tag, so the attacker leaves tag and place
 * aside and deciphers whatever there is; keys that come to light that way are used in turn.
 */
export function everythingReadable(columns: readonly StoredColumn[], secret: Uint8Array): string {
  const dump = columns.map(({ text }) => text).join("\n");
  const sealed = [...dump.matchAll(ENVELOPE)].map((match) => Buffer.from(match[1] ?? "", "base64url"));
  const { ownKey, wrappingKey } = createVault(secret);
  const patientKey = new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), "threadline/patients/record-keys/v1", 32));
  const texts = [dump];
  const tried = new Set<string>();
  let keys: Uint8Array[] = [ownKey, wrappingKey, patientKey];
  while (keys.length > 0) {
    const found: Uint8Array[] = [];
    for (const key of keys) {
      tried.add(Buffer.from(key).toString("hex"));
      for (const bytes of sealed) {
        const text = decipher(key, bytes);
        texts.push(text);
        if (/^[A-Za-z0-9_-]{43}$/.test(text)) found.push(Buffer.from(text, "base64url"));
        else if (/^[0-9a-f]{64}$/.test(text)) found.push(Buffer.from(text, "hex"));
      }
    }
    keys = found.filter((key) => !tried.has(Buffer.from(key).toString("hex")));
  }
  return texts.join("\n");
}

function decipher(key: Uint8Array, bytes: Buffer): string {
  const counter = Buffer.concat([bytes.subarray(0, NONCE_BYTES), Buffer.from([0, 0, 0, 2])]);
  return createDecipheriv("aes-256-ctr", key, counter).update(bytes.subarray(NONCE_BYTES + TAG_BYTES)).toString("utf8");
}

/** Every 32-byte value in hexadecimal that stands anywhere in a text: what could be a salt. */
export function candidateSalts(text: string): string[] {
  return [...new Set([...text.matchAll(/(?<![0-9a-f])(?:0x)?([0-9a-f]{64})(?![0-9a-f])/gi)].map((match) => `0x${(match[1] ?? "").toLowerCase()}`))];
}
