import type { Selectable } from "kysely";
import { z } from "zod";
import { EVERY_SCOPE } from "../model/privacy/access.ts";
import { ThreadlineError } from "../model/errors.ts";
import { EXCEPTION_STAGES } from "../model/custody/exception-lifecycle.ts";
import { EXCEPTION_CATALOGUE } from "../model/custody/exceptions.ts";
import type { ExceptionCode } from "../model/custody/exceptions.ts";
import { DISPOSITION_PAYLOADS } from "./disposition-operations.ts";
import { account, address, bytes32, seconds, signature } from "./payload-forms.ts";
import type { LedgerOperationKind, LedgerOperationRow } from "../store/schema.ts";

const small = z.int().min(0).max(255);
const decimal = z.string().regex(/^[0-9]{1,78}$/, "a decimal number");
/** What was signed on the signer's own machine; null: the node signs with the key it keeps for them. */
const own = z.object({ signedAt: seconds, signature }).nullable().default(null);
const pair = z.tuple([decimal, decimal]);

/** What an operation's payload holds, kind by kind. */
const PAYLOADS = {
  "open-journey": z.object({ journeyId: bytes32, flowDocumentHash: bytes32, identityCommitment: bytes32 }),
  "custody-event": z.object({
    journeyId: bytes32,
    commitment: bytes32,
    step: small,
    occurredAt: seconds,
    participantId: bytes32,
    own: z.object({ sequence: z.int().min(0).max(2 ** 32 - 1), signature }).nullable().default(null),
  }),
  "raise-exception": z.object({
    exceptionKey: bytes32,
    journeyId: bytes32,
    code: z.enum(Object.keys(EXCEPTION_CATALOGUE) as [ExceptionCode, ...ExceptionCode[]]),
    leg: z.int().min(0).max(254).nullable(),
    occurredAt: seconds,
    detailCommitment: bytes32,
  }),
  "advance-exception": z.object({
    journeyId: bytes32,
    number: z.int().min(0).max(2 ** 32 - 1),
    from: z.enum(EXCEPTION_STAGES),
    to: z.enum(EXCEPTION_STAGES),
    reasonHash: bytes32,
    /** Whose account moves it; without a signature the key that this node keeps for it signs. */
    account: address,
    /** The person's own signature; null when the hosted key is to sign. */
    signed: z.object({ signedAt: seconds, signature: z.string().regex(/^0x[0-9a-fA-F]*$/, "hex") }).nullable(),
  }),
  "assign-device": z.object({ journeyId: bytes32, leg: small, deviceId: bytes32, assignedFrom: seconds }),
  "submit-segment": z.object({
    journeyId: bytes32,
    leg: small,
    from: seconds,
    to: seconds,
    stateAfter: decimal,
    readingsCommitment: decimal,
    proofA: pair,
    proofB: z.tuple([pair, pair]),
    proofC: pair,
  }),
  "release-gate": z.object({
    journeyId: bytes32,
    gate: small,
    participantId: bytes32,
    account,
    own: z.object({ head: bytes32, signedAt: seconds, signature }).nullable().default(null),
  }),
  ...DISPOSITION_PAYLOADS,
  "record-identity-check": z.object({
    journeyId: bytes32,
    step: small,
    linkedCommitment: decimal,
    account: address,
    own,
    proofA: pair,
    proofB: z.tuple([pair, pair]),
    proofC: pair,
  }),
  "register-shipper": z.object({ equipmentId: bytes32, owner: bytes32, documentHash: bytes32 }),
  "qualify-shipper": z.object({ equipmentId: bytes32, qualifiedFrom: seconds, qualifiedUntil: seconds, certificateHash: bytes32 }),
  "register-lane": z.object({ laneId: bytes32, documentHash: bytes32 }),
  "qualify-lane": z.object({ laneId: bytes32, qualifiedFrom: seconds, qualifiedUntil: seconds, certificateHash: bytes32 }),
  "assign-shipper": z.object({ journeyId: bytes32, leg: small, equipmentId: bytes32, laneId: bytes32, assignedAt: seconds }),
  "add-account": z.object({ participantId: bytes32, account: address, hosted: z.boolean(), endorsement: own }),
  "require-own-keys": z.object({ participantId: bytes32, signedAt: seconds, signature }),
  "register-participant": z.object({ participantId: bytes32, roles: z.int().min(1).max(0xffff), account: address, hosted: z.boolean() }),
  "enrol-device": z.object({
    deviceId: bytes32,
    owner: bytes32,
    publicKeyX: decimal,
    publicKeyY: decimal,
    messageKeyHash: bytes32,
    attestation: z.union([z.literal(0), z.literal(1)]),
  }),
  "calibrate-device": z.object({ deviceId: bytes32, calibratedFrom: seconds, calibratedUntil: seconds }),
  "revoke-device": z.object({ deviceId: bytes32, revokedFrom: seconds }),
  "grant-access": z.object({
    grantId: bytes32,
    journeyId: bytes32,
    recipientId: bytes32,
    scope: z.int().min(1).max(EVERY_SCOPE),
    keyThumbprint: bytes32,
    participantId: bytes32,
    account,
    own,
  }),
  "revoke-access": z.object({ grantId: bytes32, participantId: bytes32, account, own }),
  "anchor-audit": z.object({ trail: bytes32, count: z.int().min(1), head: bytes32 }),
  "register-flow": z.object({ document: z.string() }),
  "register-specification": z.object({ document: z.string() }),
  "submit-batch-proof": z.object({
    journeyId: bytes32,
    specification: small,
    stage: z.enum(["first", "final"]),
    laboratory: bytes32,
    resultsCommitment: decimal,
    signedAt: seconds,
    certificateHash: bytes32,
    proofA: pair,
    proofB: z.tuple([pair, pair]),
    proofC: pair,
  }),
} satisfies Record<LedgerOperationKind, z.ZodType>;

export type OperationPayload<K extends LedgerOperationKind> = z.output<(typeof PAYLOADS)[K]>;

export type Operation = {
  [K in LedgerOperationKind]: { number: number; kind: K; journeyId: string | null; naturalKey: string; payload: OperationPayload<K> };
}[LedgerOperationKind];

export type OperationOf<K extends LedgerOperationKind> = Extract<Operation, { kind: K }>;

/** Reads a row of the outbox. Throws `operation-invalid` naming what its payload lacks. */
export function parseOperation(row: Selectable<LedgerOperationRow>): Operation {
  const parsed = PAYLOADS[row.kind].safeParse(JSON.parse(row.payload));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ThreadlineError("operation-invalid", `operation ${row.operation_number} ${row.kind}: ${problems.join("; ")}`);
  }
  const { operation_number: number, kind, journey_id: journeyId, natural_key: naturalKey } = row;
  return { number, kind, journeyId, naturalKey, payload: parsed.data } as Operation;
}
