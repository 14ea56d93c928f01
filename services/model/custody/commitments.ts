import { AbiCoder, hexlify, keccak256 } from "ethers";

const abi = AbiCoder.defaultAbiCoder();

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
