import { TypedDataEncoder, hexlify, keccak256, toBeHex } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import fc from "fast-check";
import { nextHead } from "../../services/model/custody/commitments.ts";
import { CUSTODY_EVENT_TYPES, threadlineDomain } from "../../services/model/custody/typed-data.ts";
import { createCustodyDigest, createHashChain } from "../../services/verification/hash-chain.ts";
import { createHasher } from "../../services/verification/keccak.ts";
import type { Hasher } from "../../services/verification/keccak.ts";

let hasher: Hasher;
beforeAll(async () => {
  hasher = await createHasher();
});

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(hexlify);
const uint40 = fc.integer({ min: 0, max: 2 ** 40 - 1 });
const step = fc.integer({ min: 0, max: 255 });

describe("hash chain", () => {
  it("agrees with the model's for every link", () => {
    const chain = createHashChain(hasher);
    const link = fc.record({ commitment: bytes(32), step, occurredAt: uint40, recordedAt: uint40, signer: bytes(20) });
    fc.assert(
      fc.property(bytes(32), link, (head, next) => {
        expect(chain(head, next)).toBe(nextHead(head, next));
      }),
      { numRuns: 200 },
    );
  });
});

describe("custody digest", () => {
  it("agrees with EIP-712 for every event, chain and contract", () => {
    const event = fc.record({ journeyId: bytes(32), commitment: bytes(32), sequence: fc.integer({ min: 0, max: 2 ** 32 - 1 }), step, occurredAt: uint40 });
    fc.assert(
      fc.property(event, fc.bigInt({ min: 1n, max: 2n ** 64n }), bytes(20), (value, chainId, contract) => {
        const expected = TypedDataEncoder.hash(threadlineDomain(chainId, contract), CUSTODY_EVENT_TYPES, value);
        expect(hexlify(createCustodyDigest(hasher, chainId, contract)(value))).toBe(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe("hasher", () => {
  it("is Keccak-256, not SHA-3", () => {
    expect(hasher.hashHex(new Uint8Array())).toBe(keccak256("0x"));
    expect(hexlify(hasher.hash(Buffer.from("01", "hex")))).toBe(keccak256(toBeHex(1)));
  });
});
