import { AbiCoder, hexlify, keccak256, toUtf8Bytes } from "ethers";

const abi = AbiCoder.defaultAbiCoder();

/** An EPCIS event as it was received: its own text and that of the JSON-LD context it was read under. */
export interface EventText {
  body: string;
  context: string;
}

/**
 * Salted commitment of one EPCIS event: keccak-256 over its 32-byte CBV 2.0 event hash, the hash of its exact text, and
 * a 32-byte random salt. The event hash alone would not do: it leaves out fields (eventID, errorDeclaration), joins
 * others without separators, and is guessable, since events hold few unknown bits.
 */
export function eventCommitment(eventHash: Uint8Array, text: EventText, salt: Uint8Array): string {
  const textHash = keccak256(toUtf8Bytes(`${text.context}\n${text.body}`));
  return keccak256(abi.encode(["bytes32", "bytes32", "bytes32"], [hexlify(eventHash), textHash, hexlify(salt)]));
}

/** Salted commitment of an exception's detail (canonical JSON text). */
export function detailCommitment(detail: string, salt: Uint8Array): string {
  return keccak256(abi.encode(["string", "bytes32"], [detail, hexlify(salt)]));
}

/**
 * Salted hash of the reason for a decision (what a transition of an exception carries): without the salt a reader of the
 * chain cannot try likely sentences.
 */
export function reasonHash(reason: string, salt: Uint8Array): string {
  return keccak256(abi.encode(["string", "string", "bytes32"], ["threadline/reason/v1", reason, hexlify(salt)]));
}

/** First head of a journey's hash chain. */
export function firstHead(journeyId: string, flow: number, identityCommitment: string): string {
  return keccak256(abi.encode(["bytes32", "uint32", "bytes32"], [journeyId, flow, identityCommitment]));
}

export interface ChainLink {
  commitment: string;
  step: number;
  /** Unix seconds. */
  occurredAt: number;
  /** Unix seconds of the block. */
  recordedAt: number;
  /** Account whose signature the ledger accepted. */
  signer: string;
}

/** Head after one more event: keccak-256 over the head before and what was recorded. */
export function nextHead(head: string, link: ChainLink): string {
  return keccak256(
    abi.encode(
      ["bytes32", "bytes32", "uint8", "uint40", "uint40", "address"],
      [head, link.commitment, link.step, link.occurredAt, link.recordedAt, link.signer],
    ),
  );
}

/** Key under which one kind of exception about one custody event is raised once. */
export function custodyExceptionKey(journeyId: string, sequence: number, code: string): string {
  return keccak256(abi.encode(["bytes32", "uint32", "bytes32"], [journeyId, sequence, code]));
}
