import { base64url, calculateJwkThumbprint, CompactEncrypt, compactDecrypt, importJWK } from "jose";
import type { JWK } from "jose";
import { z } from "zod";
import { ThreadlineError } from "../errors.ts";

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url");

/** A recipient's public key: P-256 (RFC 7518) or X25519 (RFC 8037). Strict, so that no private part slips in. */
export const recipientKeySchema = z.discriminatedUnion("crv", [
  z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: coordinate, y: coordinate }),
  z.strictObject({ kty: z.literal("OKP"), crv: z.literal("X25519"), x: coordinate }),
]);

export type RecipientKey = z.output<typeof recipientKeySchema>;

const ALGORITHM = "ECDH-ES+A256KW";

const wrappedKeySchema = z.strictObject({
  journeyId: z.string(),
  purpose: z.enum(["content", "identity"]),
  number: z.int(),
  /** 32 bytes, base64url. */
  key: coordinate,
});

/** A journey's key as it is wrapped: the key, and what it is the key of. */
export type WrappedKey = z.output<typeof wrappedKeySchema>;

/** RFC 7638 SHA-256 thumbprint, 0x and 64 hex digits: how the ledger names a key. Throws `recipient-key-invalid`. */
export async function keyThumbprint(key: RecipientKey): Promise<string> {
  try {
    await importJWK(key as JWK, ALGORITHM);
    return `0x${Buffer.from(base64url.decode(await calculateJwkThumbprint(key as JWK, "sha256"))).toString("hex")}`;
  } catch (cause) {
    throw new ThreadlineError("recipient-key-invalid", "this is no public key on P-256 or X25519: its coordinates are no point", {}, { cause });
  }
}

/** Wraps a journey's key for one recipient: JWE compact (RFC 7516), ECDH-ES+A256KW and A256GCM. */
export async function wrapForRecipient(recipient: RecipientKey, wrapped: WrappedKey): Promise<string> {
  const kid = await keyThumbprint(recipient);
  return new CompactEncrypt(Buffer.from(JSON.stringify(wrapped), "utf8"))
    .setProtectedHeader({ alg: ALGORITHM, enc: "A256GCM", kid })
    .encrypt(await importJWK(recipient as JWK, ALGORITHM));
}

/** Opens a wrap with the recipient's private key. Throws `wrap-unreadable` for another's, or one that was changed. */
export async function openWrap(privateKey: JWK, jwe: string): Promise<WrappedKey> {
  try {
    const options = { keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: ["A256GCM"] };
    const { plaintext } = await compactDecrypt(jwe, await importJWK(privateKey, ALGORITHM), options);
    return wrappedKeySchema.parse(JSON.parse(Buffer.from(plaintext).toString("utf8")));
  } catch (cause) {
    throw new ThreadlineError("wrap-unreadable", "the key cannot be unwrapped: it is another's, or was changed", {}, { cause });
  }
}
