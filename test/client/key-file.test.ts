import { createDecipheriv, scryptSync } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TypedDataEncoder, computeAddress, keccak256, verifyTypedData } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountOfKeyFile, makeKeyFile, openKeyFile, signingKeyOf } from "../../services/client/index.ts";
import { typedDataOf } from "../../services/model/signing/index.ts";
import type { SigningLedger } from "../../services/model/signing/index.ts";

const PASSPHRASE = "a passphrase of a test";
const contract = `0x${"12".repeat(20)}`;
const addresses = new Proxy({}, { get: () => contract }) as SigningLedger["addresses"];
const statement = { act: "release", message: { journeyId: `0x${"34".repeat(32)}`, gate: 1, head: `0x${"56".repeat(32)}` } } as const;
const typedData = typedDataOf(statement, { chainId: 31_337n, addresses }, 1_772_500_000);

/** The test vector of the Web3 Secret Storage Definition for PBKDF2; its key is published and worth nothing. */
const VECTOR = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: { c: 262_144, dklen: 32, prf: "hmac-sha256", salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd" },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};
const VECTOR_KEY = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "threadline-key-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a key file", () => {
  it("is its owner's alone, opens with its passphrase only, and signs as its account", async () => {
    const file = join(folder, "person.key.json");
    const account = await makeKeyFile(file, PASSPHRASE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(accountOfKeyFile(file)).toBe(account);
    const key = await openKeyFile(file, PASSPHRASE);
    expect(key.account).toBe(account);
    const { domain, types, message } = typedData;
    expect(verifyTypedData(domain, types, message, await key.sign(typedData))).toBe(account);
    await expect(openKeyFile(file, `${PASSPHRASE} `)).rejects.toMatchObject({ code: "passphrase-wrong" });
    await expect(makeKeyFile(file, PASSPHRASE)).rejects.toMatchObject({ code: "key-file-exists" });
    expect(accountOfKeyFile(file)).toBe(account);
    const changed = JSON.parse(readFileSync(file, "utf8"));
    changed.Crypto.ciphertext = changed.Crypto.ciphertext.replace(/^./, (digit: string) => (digit === "0" ? "1" : "0"));
    const copy = join(folder, "changed.key.json");
    writeFileSync(copy, JSON.stringify(changed), { mode: 0o600 });
    await expect(openKeyFile(copy, PASSPHRASE)).rejects.toMatchObject({ code: "passphrase-wrong" });
    chmodSync(file, 0o640);
    await expect(openKeyFile(file, PASSPHRASE)).rejects.toMatchObject({ code: "key-file-exposed" });
  });

  it("is of the published form: its own test vector opens", async () => {
    const file = join(folder, "vector.json");
    writeFileSync(file, JSON.stringify(VECTOR), { mode: 0o600 });
    const key = await openKeyFile(file, "testpassword");
    expect(key.account).toBe(computeAddress(VECTOR_KEY));
    expect(await key.sign(typedData)).toBe(await signingKeyOf(VECTOR_KEY).sign(typedData));
    expect(() => accountOfKeyFile(file)).toThrow(/does not name its account/);
  });

  it("opens with any other reader of that form", async () => {
    const file = join(folder, "elsewhere.key.json");
    const account = await makeKeyFile(file, PASSPHRASE);
    const { ciphertext, cipherparams, kdfparams, mac } = JSON.parse(readFileSync(file, "utf8")).Crypto;
    const { n: N, r, p, dklen, salt } = kdfparams;
    expect(N).toBe(2 ** 17);
    const derived = scryptSync(PASSPHRASE, Buffer.from(salt, "hex"), dklen, { N, r, p, maxmem: 2 ** 28 });
    expect(keccak256(Buffer.concat([derived.subarray(16, 32), Buffer.from(ciphertext, "hex")]))).toBe(`0x${mac}`);
    const cipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), Buffer.from(cipherparams.iv, "hex"));
    const key = Buffer.concat([cipher.update(Buffer.from(ciphertext, "hex")), cipher.final()]);
    expect(computeAddress(`0x${key.toString("hex")}`)).toBe(account);
  });

  it("takes no short passphrase and says what is missing", async () => {
    await expect(makeKeyFile(join(folder, "short.json"), "short")).rejects.toMatchObject({ code: "passphrase-too-short" });
    await expect(openKeyFile(join(folder, "none.json"), PASSPHRASE)).rejects.toMatchObject({ code: "key-file-unreadable" });
    const other = join(folder, "other.json");
    writeFileSync(other, "{}", { mode: 0o600 });
    await expect(openKeyFile(other, PASSPHRASE)).rejects.toMatchObject({ code: "key-file-unreadable" });
  });
});

describe("typed data of a statement", () => {
  it("is another on another chain, for another contract, gate, record and time", () => {
    const hash = ({ domain, types, message }: typeof typedData) => TypedDataEncoder.hash(domain, types, message);
    const of = (message: object, ledger: Partial<SigningLedger> = {}, signedAt = 1_772_500_000) =>
      hash(typedDataOf({ act: "release", message: { ...statement.message, ...message } }, { chainId: 31_337n, addresses, ...ledger }, signedAt));
    const others = [
      of({ gate: 2 }),
      of({ head: statement.message.journeyId }),
      of({ journeyId: statement.message.head }),
      of({}, { chainId: 1n }),
      of({}, { addresses: new Proxy({}, { get: () => `0x${"13".repeat(20)}` }) as SigningLedger["addresses"] }),
      of({}, {}, 1_772_500_001),
    ];
    expect(new Set([...others, hash(typedData)]).size).toBe(others.length + 1);
    expect(of({})).toBe(hash(typedData));
  });
});
