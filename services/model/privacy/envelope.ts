import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { ThreadlineError } from "../errors.ts";

const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals text with AES-256-GCM (NIST SP 800-38D) under a 32-byte key: "v1.", the key's number, ".", and base64url of
 * nonce, tag and ciphertext. `place` (table and row) is authenticated with it, so that no row can be put in another's.
 */
export function sealText(key: Uint8Array, keyNumber: number, place: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(additionalData(keyNumber, place));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `${VERSION}.${keyNumber}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url")}`;
}

/** Number of the key an envelope was sealed with. Throws `envelope-unreadable` for what is no envelope of ours. */
export function keyNumberOf(envelope: string): number {
  const [version, number = "", sealed = ""] = envelope.split(".");
  if (version === VERSION && /^\d{1,9}$/.test(number) && sealed !== "") return Number(number);
  throw new ThreadlineError("envelope-unreadable", `a sealed value of version "${(version ?? "").slice(0, 20)}" is not known`);
}

/** Throws `envelope-unreadable` when the envelope was changed, moved to another row, or sealed with another key. */
export function openText(key: Uint8Array, place: string, envelope: string): string {
  const number = keyNumberOf(envelope);
  try {
    const bytes = Buffer.from(envelope.split(".")[2] ?? "", "base64url");
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData(number, place));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch (cause) {
    throw new ThreadlineError(
      "envelope-unreadable",
      `the sealed value at ${place} cannot be opened: it was changed, moved, or sealed with another secret; restore the node's secret`,
      { place },
      { cause },
    );
  }
}

function additionalData(keyNumber: number, place: string): Buffer {
  return Buffer.from(`threadline/${VERSION}/${keyNumber}/${place}`, "utf8");
}
