import { TypedDataEncoder } from "ethers";
import type { TypedDataDomain, TypedDataField } from "ethers";
import * as disposition from "../custody/disposition-typed-data.ts";
import { ACCOUNT_ENDORSEMENT_TYPES, OWN_KEYS_TYPES } from "../custody/own-keys-typed-data.ts";
import * as custody from "../custody/typed-data.ts";
import { ACCESS_GRANT_TYPES, ACCESS_REVOCATION_TYPES } from "../privacy/access.ts";

/** Everything a person or an organisation signs, act by act; times are Unix seconds, hashes 0x and 64 hex digits. */
export interface StatementMessages {
  release: { journeyId: string; gate: number; head: string };
  "exception-transition": { journeyId: string; number: number; from: number; to: number; reasonHash: string };
  disposition: { journeyId: string; number: number; decision: number; head: string; reasonHash: string };
  "exceptional-release-step": { journeyId: string; number: number; step: number; documentHash: string };
  "recall-acknowledgement": { journeyId: string; recalls: number };
  "interval-acceptance": { journeyId: string; leg: number; from: number; to: number; exceptionNumber: number };
  "equipment-acceptance": { journeyId: string; leg: number; assignments: number; exceptionNumber: number };
  /** `linkedCommitment` is decimal. */
  "identity-check": { journeyId: string; step: number; linkedCommitment: string };
  "custody-event": { journeyId: string; commitment: string; sequence: number; step: number; occurredAt: number };
  "access-grant": { grantId: string; journeyId: string; participantId: string; scope: number; keyThumbprint: string };
  "access-revocation": { grantId: string };
  "own-keys": { participantId: string };
  "account-endorsement": { participantId: string; account: string };
}

export type Act = keyof StatementMessages;
export type StatementOf<A extends Act> = { act: A; message: StatementMessages[A] };
export type Statement = { [A in Act]: StatementOf<A> }[Act];

/** Contracts that judge a signature. */
export type JudgingContract =
  | "releaseRegister"
  | "exceptionRegister"
  | "dispositionRegister"
  | "conditionProofs"
  | "equipmentRegistry"
  | "identityChecks"
  | "custodyLedger"
  | "accessGrants"
  | "participantRegistry";

/** The ledger a signature is for: it is good on this chain and for these contracts only. */
export interface SigningLedger {
  chainId: bigint;
  addresses: Record<JudgingContract, string>;
}

/** What EIP-712 signs. */
export interface TypedData {
  domain: TypedDataDomain;
  types: Record<string, TypedDataField[]>;
  primaryType: string;
  message: Record<string, string | number>;
}

type Types = Record<string, TypedDataField[]>;

/** Which contract judges an act, what is signed, and the member that stands for the record signed, if one does. */
const ACTS: { [A in Act]: { contract: JudgingContract; types: Types; record: keyof StatementMessages[A] | null } } = {
  release: { contract: "releaseRegister", types: custody.RELEASE_DECISION_TYPES, record: "head" },
  "exception-transition": { contract: "exceptionRegister", types: custody.EXCEPTION_TRANSITION_TYPES, record: "reasonHash" },
  disposition: { contract: "dispositionRegister", types: disposition.DISPOSITION_DECISION_TYPES, record: "head" },
  "exceptional-release-step": { contract: "dispositionRegister", types: disposition.EXCEPTIONAL_RELEASE_STEP_TYPES, record: "documentHash" },
  "recall-acknowledgement": { contract: "dispositionRegister", types: disposition.RECALL_ACKNOWLEDGEMENT_TYPES, record: null },
  "interval-acceptance": { contract: "conditionProofs", types: disposition.INTERVAL_ACCEPTANCE_TYPES, record: null },
  "equipment-acceptance": { contract: "equipmentRegistry", types: disposition.EQUIPMENT_ACCEPTANCE_TYPES, record: null },
  "identity-check": { contract: "identityChecks", types: custody.IDENTITY_CHECK_TYPES, record: null },
  "custody-event": { contract: "custodyLedger", types: custody.CUSTODY_EVENT_TYPES, record: "commitment" },
  "access-grant": { contract: "accessGrants", types: ACCESS_GRANT_TYPES, record: "grantId" },
  "access-revocation": { contract: "accessGrants", types: ACCESS_REVOCATION_TYPES, record: "grantId" },
  "own-keys": { contract: "participantRegistry", types: OWN_KEYS_TYPES, record: null },
  "account-endorsement": { contract: "participantRegistry", types: ACCOUNT_ENDORSEMENT_TYPES, record: null },
};

/** The contract that judges an act's signature, and the types it is of. */
export function judgeOf(act: Act): { contract: JudgingContract; types: Types } {
  return ACTS[act];
}

/**
 * The typed data of a statement on a ledger. Every act but a custody event carries `signedAt`, Unix seconds by the
 * signer's clock; a custody event counts once by its sequence number instead.
 */
export function typedDataOf(statement: Statement, { chainId, addresses }: SigningLedger, signedAt: number): TypedData {
  const { contract, types } = ACTS[statement.act];
  const [primaryType = ""] = Object.keys(types);
  const isTimed = types[primaryType]?.some((field) => field.name === "signedAt") ?? false;
  return {
    domain: custody.threadlineDomain(chainId, addresses[contract]),
    types,
    primaryType,
    message: { ...statement.message, ...(isTimed ? { signedAt } : {}) },
  };
}

/**
 * The hash of the record that a signature is linked to (21 CFR 11.70): the journey's head, an event's commitment, a
 * reason's hash; where the statement is the record itself, the EIP-712 hash of its values at `signedAt`.
 */
export function recordHashOf(statement: Statement, signedAt: number): string {
  const { types, record } = ACTS[statement.act];
  if (record !== null) return (statement.message as unknown as Record<string, string>)[record] ?? "";
  const [primaryType = ""] = Object.keys(types);
  return TypedDataEncoder.hashStruct(primaryType, types, { ...statement.message, signedAt });
}
