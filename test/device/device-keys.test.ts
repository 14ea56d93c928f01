import { describe, expect, it } from "vitest";
import { createDeviceKeys, createMessageSigner, createMessageVerifier, deviceKeysFromJson, deviceKeysToJson, publicMessageKeySchema } from "../../services/device/index.ts";
import { isValidDeviceKey } from "../../services/model/condition/index.ts";

describe("device keys", () => {
  it.each(["EdDSA", "ES256"] as const)("are the same for the same seed, and survive JSON (%s)", (algorithm) => {
    const seed = new Uint8Array(32).fill(3);
    const keys = createDeviceKeys(seed, algorithm);
    expect(createDeviceKeys(seed, algorithm)).toEqual(keys);
    expect(createDeviceKeys(new Uint8Array(32).fill(4), algorithm).messageKey.publicJwk).not.toEqual(keys.messageKey.publicJwk);
    expect(deviceKeysFromJson(JSON.parse(JSON.stringify(deviceKeysToJson(keys))))).toEqual(keys);
    expect(isValidDeviceKey(keys.signingKey.publicKey)).toBe(true);
  });

  it.each(["EdDSA", "ES256"] as const)("sign what their public part verifies, and nothing else (%s)", async (algorithm) => {
    const keys = createDeviceKeys(undefined, algorithm);
    const message = await createMessageSigner(keys.messageKey, "id#1").sign({ a: 1 });
    const verified = await createMessageVerifier(keys.messageKey.publicJwk).verify(message);
    expect(JSON.parse(Buffer.from(verified).toString())).toEqual({ a: 1 });
    await expect(createMessageVerifier(createDeviceKeys(undefined, algorithm).messageKey.publicJwk).verify(message)).rejects.toThrow();
    await expect(createMessageVerifier(createDeviceKeys(undefined, algorithm === "EdDSA" ? "ES256" : "EdDSA").messageKey.publicJwk).verify(message)).rejects.toThrow();
  });

  it("show nothing private in the public key, and its schema takes nothing private", () => {
    const { publicJwk, privateJwk } = createDeviceKeys().messageKey;
    expect(publicJwk).not.toHaveProperty("d");
    expect(publicMessageKeySchema.safeParse(privateJwk).success).toBe(false);
    expect(publicMessageKeySchema.safeParse({ kty: "oct", k: "AAAA" }).success).toBe(false);
  });

  it("refuse a short seed and malformed JSON", () => {
    expect(() => createDeviceKeys(new Uint8Array(31))).toThrow(expect.objectContaining({ code: "seed-invalid" }));
    expect(() => deviceKeysFromJson({ signingSeed: "short" })).toThrow(expect.objectContaining({ code: "device-keys-invalid" }));
  });
});
