import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "../../model/canonical-json.ts";

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url");
const common = {
  kid: z.string().max(200).optional(),
  use: z.literal("sig").optional(),
  alg: z.enum(["EdDSA", "Ed25519", "ES256"]).optional(),
};

/** Public JSON Web Key (RFC 7517) that signs a logger's messages: Ed25519 or P-256. A private member is refused. */
export const messageKeySchema = z.discriminatedUnion("kty", [
  z.strictObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: coordinate, ...common }),
  z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: coordinate, y: coordinate, ...common }),
]);

export type MessageKey = z.output<typeof messageKeySchema>;

/** What the ledger holds of a message key: its JWK thumbprint (RFC 7638, SHA-256). */
export function messageKeyHash(key: MessageKey): string {
  const { kty, crv, x } = key;
  const required = key.kty === "EC" ? { kty, crv, x, y: key.y } : { kty, crv, x };
  return `0x${createHash("sha256").update(canonicalJson(required)).digest("hex")}`;
}
