import { TypedDataEncoder, id } from "ethers";
import type { ChainLink } from "../model/custody/commitments.ts";
import { CUSTODY_EVENT_TYPES, threadlineDomain } from "../model/custody/typed-data.ts";
import { writeHex } from "./keccak.ts";
import type { Hasher } from "./keccak.ts";
import type { CustodyEventRecorded } from "./ledger-events.ts";

const WORD = 32;

/**
 * The fast twin of `nextHead` in services/model/custody/commitments.ts, held to it by a test:
 * keccak-256(abi.encode(head, commitment, step, occurredAt, recordedAt, signer)).
 */
export function createHashChain(hasher: Hasher): (head: string, link: ChainLink) => string {
  const buffer = Buffer.alloc(6 * WORD);
  return (head, link) => {
    writeHex(buffer, head, 0);
    writeHex(buffer, link.commitment, WORD);
    writeNumber(buffer, link.step, 2);
    writeNumber(buffer, link.occurredAt, 3);
    writeNumber(buffer, link.recordedAt, 4);
    writeHex(buffer, link.signer, 6 * WORD - 20);
    return hasher.hashHex(buffer);
  };
}

export type SignedCustodyEvent = Pick<
  CustodyEventRecorded,
  "journeyId" | "commitment" | "sequence" | "step" | "occurredAt"
>;

/** EIP-712 digest of a custody event under one ledger: what the acting participant signed. */
export function createCustodyDigest(
  hasher: Hasher,
  chainId: bigint,
  custodyLedger: string,
): (event: SignedCustodyEvent) => Uint8Array {
  const struct = Buffer.alloc(6 * WORD);
  writeHex(struct, id(TypedDataEncoder.from(CUSTODY_EVENT_TYPES).encodeType("CustodyEvent")), 0);
  const message = Buffer.alloc(2 + 2 * WORD);
  message.write("1901", 0, "hex");
  writeHex(message, TypedDataEncoder.hashDomain(threadlineDomain(chainId, custodyLedger)), 2);
  return (event) => {
    writeHex(struct, event.journeyId, WORD);
    writeHex(struct, event.commitment, 2 * WORD);
    writeNumber(struct, event.sequence, 3);
    writeNumber(struct, event.step, 4);
    writeNumber(struct, event.occurredAt, 5);
    message.set(hasher.hash(struct), 2 + WORD);
    return hasher.hash(message);
  };
}

/** Writes an unsigned integer of at most 48 bits into the low end of a word. */
function writeNumber(buffer: Buffer, value: number, word: number): void {
  buffer.writeUIntBE(value, WORD * (word + 1) - 6, 6);
}
