import { SigningKey, computeAddress, getBytes, keccak256, toBeHex } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { createHasher } from "../../services/verification/keccak.ts";
import { recoverBytesSignature } from "../../services/verification/signature-bytes.ts";
import { createSignerRecovery } from "../../services/verification/signer-recovery.ts";
import type { CompactSignature, SignerRecovery } from "../../services/verification/signer-recovery.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const TOP_BIT = 1n << 255n;

let recovery: SignerRecovery;
beforeAll(async () => {
  recovery = createSignerRecovery(await createHasher());
});

const keys = [1, 2, 3].map((seed) => new SigningKey(keccak256(toBeHex(seed))));
const accounts = keys.map((key) => computeAddress(key.publicKey).toLowerCase());

function signed(place: number, by: number): CompactSignature & { group: number } {
  const digest = getBytes(keccak256(toBeHex(place + 1)));
  const { r, yParityAndS } = (keys[by] as SigningKey).sign(digest);
  return { digest, r: BigInt(r), vs: BigInt(yParityAndS), group: by };
}

describe("recovering many signers", () => {
  it("agrees with recovering one by one, over keys that share a group and groups too small for a table", () => {
    const signatures = Array.from({ length: 700 }, (_, place) => ({ ...signed(place, place % 2), group: 0 }));
    signatures.push(...Array.from({ length: 20 }, (_, place) => signed(place, 2)));
    const found = recovery.recoverAll(signatures);
    expect(found.slice(0, 700)).toEqual(signatures.slice(0, 700).map((_, place) => accounts[place % 2]));
    expect(new Set(found.slice(700))).toEqual(new Set([accounts[2]]));
  });

  it("gives a changed signature to nobody it is not by, as one by one does", () => {
    const signatures = Array.from({ length: 400 }, (_, place) => signed(place, 0));
    const broken = signatures.map((signature, place) => {
      if (place % 4 === 0) return { ...signature, vs: signature.vs ^ TOP_BIT };
      if (place % 4 === 1) return { ...signature, r: signature.r + 1n };
      if (place % 4 === 2) return { ...signature, digest: getBytes(keccak256(signature.digest)) };
      return signature;
    });
    const found = recovery.recoverAll(broken);
    expect(found).toEqual(broken.map((signature) => recovery.recover(signature)));
    found.forEach((account, place) => expect(account === accounts[0]).toBe(place % 4 === 3));
  });
});

describe("a malformed signature", () => {
  const good = signed(1, 0);
  it.each([
    ["r of zero", { ...good, r: 0n }],
    ["r of the order", { ...good, r: ORDER }],
    ["s of zero", { ...good, vs: good.vs & TOP_BIT }],
    ["the least s that is too high", { ...good, vs: (ORDER >> 1n) + 1n }],
  ])("recovers to none: %s", (_, signature) => {
    expect(recovery.recover(signature)).toBeNull();
    const many = Array.from({ length: 200 }, (_, place) => signed(place, 0));
    expect(recovery.recoverAll([...many, { ...signature, group: 0 }]).at(-1)).toBeNull();
  });
});

describe("a 65-byte signature", () => {
  const digest = getBytes(keccak256("0x05"));
  const { r, s, v, serialized } = (keys[0] as SigningKey).sign(digest);
  it("recovers to its account", () => {
    expect(recoverBytesSignature(recovery, digest, serialized)).toBe(accounts[0]);
  });
  it.each([
    ["64 bytes", serialized.slice(0, -2)],
    ["a v of 0", `${r}${s.slice(2)}00`],
    ["the other v", `${r}${s.slice(2)}${v === 27 ? "1c" : "1b"}`],
    ["a high s", `${r}${toBeHex(ORDER - BigInt(s), 32).slice(2)}${v === 27 ? "1c" : "1b"}`],
  ])("does not with %s", (_, signature) => {
    expect(recoverBytesSignature(recovery, digest, signature)).not.toBe(accounts[0]);
  });
});
