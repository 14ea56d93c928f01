import { expect, test } from "vitest";
import { createKeyring } from "../../services/ledger/keyring.ts";

const secret = new Uint8Array(32).fill(1);
const key = `0x${"5a".repeat(32)}`;

test("a sealed key opens to itself, and is sealed differently each time", () => {
  const keyring = createKeyring(secret);
  expect(keyring.open(keyring.seal(key))).toBe(key);
  expect(keyring.seal(key)).not.toBe(keyring.seal(key));
  expect(keyring.seal(key)).not.toContain(key.slice(2, 10));
  expect(createKeyring(secret).open(keyring.seal(key))).toBe(key);
});

test("a key sealed with another secret, or changed in any part, does not open", () => {
  const keyring = createKeyring(secret);
  const sealed = keyring.seal(key);
  const unreadable = expect.objectContaining({ code: "hosted-key-unreadable" });
  expect(() => createKeyring(new Uint8Array(32).fill(2)).open(sealed)).toThrow(unreadable);
  for (const place of [0, 4, 20, sealed.length - 2]) {
    const changed = sealed.slice(0, place) + (sealed[place] === "A" ? "B" : "A") + sealed.slice(place + 1);
    expect(() => keyring.open(changed)).toThrow(unreadable);
  }
  expect(() => keyring.open("")).toThrow(unreadable);
});

test("a short secret is refused", () => {
  expect(() => createKeyring(new Uint8Array(16))).toThrow(expect.objectContaining({ code: "secret-too-short" }));
});
