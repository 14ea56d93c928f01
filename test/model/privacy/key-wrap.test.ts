import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { keyThumbprint, openWrap, recipientKeySchema, wrapForRecipient } from "../../../services/model/privacy/key-wrap.ts";
import { bitmapToScopes, scopesToBitmap } from "../../../services/model/privacy/access.ts";

const wrapped = { journeyId: `0x${"1".repeat(64)}`, purpose: "content" as const, number: 2, key: Buffer.alloc(32, 5).toString("base64url") };

async function recipient(crv: "P-256" | "X25519") {
  const { publicKey, privateKey } = await generateKeyPair("ECDH-ES+A256KW", { crv, extractable: true });
  return { publicKey: recipientKeySchema.parse(await exportJWK(publicKey)), privateKey: await exportJWK(privateKey) };
}

describe.each(["P-256", "X25519"] as const)("a journey key wrapped for a key on %s", (curve) => {
  it("opens with the recipient's private key and no other, and says what it is the key of", async () => {
    const [one, other] = [await recipient(curve), await recipient(curve)];
    const jwe = await wrapForRecipient(one.publicKey, wrapped);
    expect(await openWrap(one.privateKey, jwe)).toEqual(wrapped);
    await expect(openWrap(other.privateKey, jwe)).rejects.toMatchObject({ code: "wrap-unreadable" });
    expect(JSON.parse(Buffer.from(jwe.split(".")[0] ?? "", "base64url").toString())).toMatchObject({ alg: "ECDH-ES+A256KW", enc: "A256GCM" });
    expect(await wrapForRecipient(one.publicKey, wrapped)).not.toBe(jwe);
  });

  it("does not open once any part of it is changed", async () => {
    const { publicKey, privateKey } = await recipient(curve);
    const parts = (await wrapForRecipient(publicKey, wrapped)).split(".");
    for (const [place, part] of parts.entries()) {
      const middle = Math.floor(part.length / 2);
      const changed = `${part.slice(0, middle)}${part[middle] === "A" ? "B" : "A"}${part.slice(middle + 1)}`;
      await expect(openWrap(privateKey, parts.with(place, changed).join("."))).rejects.toMatchObject({ code: "wrap-unreadable" });
    }
  });
});

describe("a recipient's key", () => {
  it("is refused with a private part, on another curve, or when it is no point", async () => {
    const { publicKey, privateKey } = await recipient("P-256");
    expect(recipientKeySchema.safeParse(privateKey).success).toBe(false);
    expect(recipientKeySchema.safeParse({ ...publicKey, crv: "P-384" }).success).toBe(false);
    const off = { ...publicKey, x: Buffer.alloc(32, 1).toString("base64url") };
    await expect(keyThumbprint(recipientKeySchema.parse(off))).rejects.toMatchObject({ code: "recipient-key-invalid" });
  });

  it("has the thumbprint of RFC 7638, whatever order its members have", async () => {
    const { publicKey } = await recipient("X25519");
    const turned = recipientKeySchema.parse(Object.fromEntries(Object.entries(publicKey).reverse()));
    expect(await keyThumbprint(turned)).toBe(await keyThumbprint(publicKey));
    expect(await keyThumbprint(publicKey)).toMatch(/^0x[0-9a-f]{64}$/);
  });
});

it("scopes are a bitmap and back", () => {
  expect([scopesToBitmap(["content"]), scopesToBitmap(["identity", "content"]), bitmapToScopes(2)]).toEqual([1, 3, ["identity"]]);
});
