import { CompactSign, compactVerify, importJWK } from "jose";
import { z } from "zod";

/** Signature algorithms of messages (RFC 7518, RFC 8037). */
export type MessageAlgorithm = "EdDSA" | "ES256";

const coordinate = z.string().regex(/^[\w-]{43}$/, "32 bytes in base64url");

/** Public message key of a device, as the registry of this node keeps it; nothing private fits in. */
export const publicMessageKeySchema = z.discriminatedUnion("kty", [
  z.strictObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: coordinate }),
  z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: coordinate, y: coordinate }),
]);

export type PublicMessageKey = z.output<typeof publicMessageKeySchema>;

/** The one algorithm a key may be used with: a message cannot choose another. */
export function algorithmOf(key: PublicMessageKey): MessageAlgorithm {
  return key.kty === "OKP" ? "EdDSA" : "ES256";
}

/** Key id of a device's message key, `{giai}#{keyEpoch}`. */
export function keyIdOf(giai: string, keyEpoch: number): string {
  return `${giai}#${keyEpoch}`;
}

export interface MessageSigner {
  /** Signs a payload as JWS compact serialisation (RFC 7515). */
  sign(payload: Record<string, unknown>): Promise<string>;
}

export function createMessageSigner(key: { algorithm: MessageAlgorithm; privateJwk: PublicMessageKey & { d: string } }, keyId: string): MessageSigner {
  const imported = importJWK(key.privateJwk, key.algorithm);
  imported.catch(() => undefined);
  return {
    sign: async (payload) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: key.algorithm, kid: keyId })
        .sign(await imported),
  };
}

export interface MessageVerifier {
  /** Payload bytes of a message this key signed. Throws when it did not. */
  verify(message: string): Promise<Uint8Array>;
}

export function createMessageVerifier(key: PublicMessageKey): MessageVerifier {
  const algorithm = algorithmOf(key);
  const imported = importJWK(key, algorithm);
  imported.catch(() => undefined);
  return {
    verify: async (message) => (await compactVerify(message, await imported, { algorithms: [algorithm] })).payload,
  };
}
