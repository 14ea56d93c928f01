import { Signature, TypedDataEncoder, Wallet, getBytes, hexlify, recoverAddress } from "ethers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadInterfaces } from "../../services/ledger/abi.ts";
import { encodeRecord } from "../../services/ledger/custody-calls.ts";
import { createCustodySigner } from "../../services/ledger/custody-signature.ts";
import { CUSTODY_EVENT_TYPES, threadlineDomain } from "../../services/model/custody/typed-data.ts";
import { present } from "../support/present.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexlify);
const contract = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const statements = fc.record({
  journeyId: bytes32,
  commitment: bytes32,
  sequence: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  step: fc.integer({ min: 0, max: 255 }),
  occurredAt: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
});

test("the digest is the one ethers' encoder makes, on any chain", () => {
  fc.assert(
    fc.property(statements, fc.bigInt({ min: 1n, max: 2n ** 64n }), (statement, chainId) => {
      const expected = TypedDataEncoder.hash(threadlineDomain(chainId, contract), CUSTODY_EVENT_TYPES, statement);
      expect(hexlify(createCustodySigner(chainId, contract).digest(statement))).toBe(expected);
    }),
    { numRuns: 50 },
  );
});

test("the compact signature is the wallet's own and recovers to its account", () => {
  const signer = createCustodySigner(31_337n, contract);
  fc.assert(
    fc.property(statements, fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((key) => key.some((byte) => byte !== 0) && key[0] !== 255), (statement, key) => {
      const wallet = new Wallet(hexlify(key));
      const { signatureR, signatureVS } = signer.sign(statement, key);
      const expected = wallet.signingKey.sign(signer.digest(statement));
      expect([signatureR, signatureVS]).toEqual([expected.r, expected.yParityAndS]);
      const compact = Signature.from(signatureR + signatureVS.slice(2));
      expect(recoverAddress(signer.digest(statement), compact)).toBe(wallet.address);
    }),
    { numRuns: 50 },
  );
});

test("a batch is encoded as ethers encodes it", () => {
  const custodyLedger = loadInterfaces().custodyLedger;
  const selector = present(custodyLedger.getFunction("record")).selector;
  const events = fc.array(fc.tuple(statements, bytes32, bytes32).map(([statement, signatureR, signatureVS]) => ({ ...statement, signatureR, signatureVS })), { maxLength: 5 });
  fc.assert(
    fc.property(events, (batch) => {
      expect(encodeRecord(selector, batch)).toBe(custodyLedger.encodeFunctionData("record", [batch]));
    }),
  );
});

test.each([
  ["a short journey id", { journeyId: "0x01" }],
  ["a negative sequence", { sequence: -1 }],
  ["a step that is no number", { step: Number.NaN }],
])("%s is refused", (_, wrong) => {
  const statement = { journeyId: `0x${"11".repeat(32)}`, commitment: `0x${"22".repeat(32)}`, sequence: 0, step: 0, occurredAt: 0, ...wrong };
  expect(() => createCustodySigner(1n, contract).sign(statement, getBytes(`0x${"01".repeat(32)}`))).toThrow(TypeError);
});

test("signs hundreds of events a second of processor time even on a busy machine", () => {
  const signer = createCustodySigner(31_337n, contract);
  const key = getBytes(`0x${"01".repeat(32)}`);
  const statement = { journeyId: `0x${"11".repeat(32)}`, commitment: `0x${"22".repeat(32)}`, step: 0, occurredAt: 1 };
  for (let sequence = 0; sequence < 200; sequence += 1) signer.sign({ ...statement, sequence }, key);
  const before = process.cpuUsage();
  for (let sequence = 0; sequence < 500; sequence += 1) signer.sign({ ...statement, sequence }, key);
  const { user, system } = process.cpuUsage(before);
  expect(500 / ((user + system) / 1e6)).toBeGreaterThan(400);
});
