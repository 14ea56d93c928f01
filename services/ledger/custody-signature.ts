import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { TypedDataEncoder } from "ethers";
import { CUSTODY_EVENT_TYPES, threadlineDomain } from "../model/custody/typed-data.ts";

export interface CustodyStatement {
  /** 0x and 64 hex digits. */
  journeyId: string;
  commitment: string;
  sequence: number;
  step: number;
  /** Unix seconds. */
  occurredAt: number;
}

/** Compact signature of EIP-2098: `vs` is s with the recovery bit as its top bit. */
export interface CompactSignature {
  signatureR: string;
  signatureVS: string;
}

export interface CustodySigner {
  /** EIP-712 digest, 32 bytes. */
  digest(statement: CustodyStatement): Uint8Array;
  sign(statement: CustodyStatement, privateKey: Uint8Array): CompactSignature;
}

const EIP712_PREFIX = Uint8Array.of(0x19, 0x01);

/**
 * Signs custody events as EIP-712 asks, with what does not change hashed once: thousands a second, where the general
 * encoder manages hundreds. Held to ethers' `TypedDataEncoder` by a parity test.
 */
export function createCustodySigner(chainId: bigint, custodyLedger: string): CustodySigner {
  const domain = hexToBytes(TypedDataEncoder.hashDomain(threadlineDomain(chainId, custodyLedger)).slice(2));
  const type = keccak_256(utf8ToBytes(TypedDataEncoder.from(CUSTODY_EVENT_TYPES).encodeType("CustodyEvent")));

  function digest(statement: CustodyStatement): Uint8Array {
    const struct = keccak_256(
      concatBytes(
        type,
        word(statement.journeyId),
        word(statement.commitment),
        numberWord(statement.sequence),
        numberWord(statement.step),
        numberWord(statement.occurredAt),
      ),
    );
    return keccak_256(concatBytes(EIP712_PREFIX, domain, struct));
  }

  return {
    digest,
    sign(statement, privateKey) {
      const signature = secp256k1.sign(digest(statement), privateKey, { prehash: false, format: "recovered" });
      const vs = signature.slice(33, 65);
      if (signature[0] === 1) vs[0] = (vs[0] ?? 0) | 0x80;
      return { signatureR: `0x${bytesToHex(signature.subarray(1, 33))}`, signatureVS: `0x${bytesToHex(vs)}` };
    },
  };
}

function word(hex: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(hex)) throw new TypeError(`a custody event needs 32 bytes as hex, not "${hex}"`);
  return hexToBytes(hex.slice(2));
}

function numberWord(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`a custody event needs a natural number, not ${value}`);
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}
