import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { ThreadlineError } from "../model/errors.ts";

/** Seals the signing keys this node hosts for participants. */
export interface Keyring {
  seal(privateKey: string): string;
  /** Throws `hosted-key-unreadable` when the text was changed or sealed with another secret. */
  open(sealed: string): string;
}

const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SHORTEST_SECRET_BYTES = 32;

/**
 * Keys sealed with AES-256-GCM (NIST SP 800-38D) under a key derived from the node's secret with HKDF-SHA-256
 * (RFC 5869). Throws `secret-too-short` for a secret below 32 bytes.
 */
export function createKeyring(secret: Uint8Array): Keyring {
  if (secret.length < SHORTEST_SECRET_BYTES)
    throw new ThreadlineError(
      "secret-too-short",
      `the node's secret has ${secret.length} bytes; give it ${SHORTEST_SECRET_BYTES} random ones`,
    );
  const key = new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), "threadline/hosted-keys/v1", 32));
  return {
    seal(privateKey) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const sealed = Buffer.concat([cipher.update(privateKey, "utf8"), cipher.final()]);
      return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url")}`;
    },
    open(sealed) {
      try {
        return openSealed(key, sealed);
      } catch (error) {
        throw new ThreadlineError(
          "hosted-key-unreadable",
          "a hosted key cannot be opened: it was changed, or sealed with another secret; restore the node's secret",
          {},
          { cause: error },
        );
      }
    },
  };
}

function openSealed(key: Uint8Array, sealed: string): string {
  const [version, encoded] = sealed.split(".");
  if (version !== VERSION || encoded === undefined) throw new Error(`a sealed key of version "${version}" is not known`);
  const bytes = Buffer.from(encoded, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}
