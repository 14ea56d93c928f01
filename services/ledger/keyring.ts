import { hkdfSync } from "node:crypto";
import { ThreadlineError } from "../model/errors.ts";
import { openText, sealText } from "../store/sealed-text.ts";

/** Seals the signing keys this node hosts for participants. */
export interface Keyring {
  seal(privateKey: string): string;
  /** Throws `hosted-key-unreadable` when the text was changed or sealed with another secret. */
  open(sealed: string): string;
}

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
    seal: (privateKey) => sealText(key, privateKey),
    open(sealed) {
      try {
        return openText(key, sealed);
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
