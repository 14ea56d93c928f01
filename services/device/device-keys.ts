import { hkdfSync, randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { z } from "zod";
import { createDeviceSigningKey } from "../model/condition/index.ts";
import type { DeviceSigningKey } from "../model/condition/index.ts";
import { ThreadlineError } from "../model/errors.ts";
import { publicMessageKeySchema } from "./message-signature.ts";
import type { MessageAlgorithm, PublicMessageKey } from "./message-signature.ts";

/** A public key with its private part `d`, as a JSON Web Key (RFC 7517, RFC 8037). */
export type PrivateMessageKey = PublicMessageKey & { d: string };

/**
 * Both keys of a device: BabyJubJub signs the sealed segment, which the circuit checks; the message key signs every
 * message, which the bridge checks.
 */
export interface DeviceKeys {
  signingKey: DeviceSigningKey;
  messageKey: { algorithm: MessageAlgorithm; publicJwk: PublicMessageKey; privateJwk: PrivateMessageKey };
}

/**
 * Makes a device's keys. The same seed (at least 32 bytes) gives the same keys: for development and for gateways that
 * keep one secret; without it they are random. Throws `seed-invalid` for a shorter seed.
 */
export function createDeviceKeys(seed: Uint8Array = randomBytes(32), algorithm: MessageAlgorithm = "EdDSA"): DeviceKeys {
  if (seed.length < 32) throw new ThreadlineError("seed-invalid", `a device seed has at least 32 bytes, not ${seed.length}`, { length: seed.length });
  return deviceKeys(derive(seed, "segment", 32), algorithm, derive(seed, algorithm, algorithm === "EdDSA" ? 32 : 48));
}

/** Both private keys; keep it as secret as the device itself. */
export interface DeviceKeysJson {
  signingSeed: string;
  messageKey: PrivateMessageKey;
}

export function deviceKeysToJson(keys: DeviceKeys): DeviceKeysJson {
  return { signingSeed: Buffer.from(keys.signingKey.privateKey).toString("base64url"), messageKey: keys.messageKey.privateJwk };
}

const jsonSchema = z.strictObject({
  signingSeed: z.string().regex(/^[\w-]{43}$/, "32 bytes in base64url"),
  messageKey: z.looseObject({ kty: z.enum(["OKP", "EC"]), d: z.string().regex(/^[\w-]{43}$/, "32 bytes in base64url") }),
});

/** Reads what `deviceKeysToJson` wrote; the public parts are computed anew. Throws `device-keys-invalid`. */
export function deviceKeysFromJson(json: unknown): DeviceKeys {
  const parsed = jsonSchema.safeParse(json);
  if (!parsed.success)
    throw new ThreadlineError("device-keys-invalid", `these are no device keys: ${z.prettifyError(parsed.error)}`);
  const { signingSeed, messageKey } = parsed.data;
  return deviceKeys(Buffer.from(signingSeed, "base64url"), messageKey.kty === "OKP" ? "EdDSA" : "ES256", Buffer.from(messageKey.d, "base64url"));
}

function deviceKeys(signingSeed: Uint8Array, algorithm: MessageAlgorithm, secret: Uint8Array): DeviceKeys {
  const privateJwk = algorithm === "EdDSA" ? ed25519Jwk(secret) : p256Jwk(secret.length === 32 ? secret : p256.utils.randomSecretKey(secret));
  return {
    signingKey: createDeviceSigningKey(signingSeed),
    messageKey: { algorithm, publicJwk: publicMessageKeySchema.parse(withoutSecret(privateJwk)), privateJwk },
  };
}

function ed25519Jwk(secret: Uint8Array): PrivateMessageKey {
  return { kty: "OKP", crv: "Ed25519", x: base64url(ed25519.getPublicKey(secret)), d: base64url(secret) };
}

function p256Jwk(secret: Uint8Array): PrivateMessageKey {
  const point = p256.getPublicKey(secret, false);
  return { kty: "EC", crv: "P-256", x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)), d: base64url(secret) };
}

function withoutSecret({ d: _secret, ...publicJwk }: PrivateMessageKey): PublicMessageKey {
  return publicJwk;
}

function derive(seed: Uint8Array, purpose: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", seed, "threadline/device/v1", purpose, length));
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
