import type { ExceptionStage } from "../model/custody/exception-lifecycle.ts";
import type { ExceptionClass } from "../model/custody/exceptions.ts";
import type { CustodyAction } from "../model/custody/flow.ts";
import type { LegStatus } from "./leg-coverage.ts";

export const DIVERGENCE_KINDS = [
  "journey-differs",
  "flow-altered",
  "chain-broken",
  "signature-invalid",
  "rule-exception-missing",
  "rule-exception-extra",
  "rule-exception-altered",
  "event-missing",
  "event-not-on-ledger",
  "event-disclosed-twice",
  "event-unreadable",
  "event-altered",
  "salt-wrong",
  "identifier-differs",
  "time-differs",
  "step-differs",
  "participant-differs",
  "exception-missing",
  "exception-not-on-ledger",
  "exception-detail-altered",
  "segment-missing",
  "segment-differs",
  "coverage-broken",
  "release-invalid",
] as const;

export type DivergenceKind = (typeof DIVERGENCE_KINDS)[number];

/** One place where chain, disclosure and flow do not agree. */
export interface Divergence {
  kind: DivergenceKind;
  /** Number of the custody event concerned, from 0; absent when it concerns none. */
  sequence?: number;
  what: string;
  expected: string;
  actual: string;
}

/** What an event's disclosed body says; null in a report when nothing was disclosed or it cannot be read. */
export interface DisclosedSummary {
  eventId: string;
  eventType: string;
  bizStep: string | null;
  disposition: string | null;
  readPoint: string | null;
  eventTime: string;
  recordTime: string;
  capturedBy: string;
}

/** Times are Unix seconds. */
export interface AuditEvent {
  sequence: number;
  /** Name in the flow; null for an unplanned step. */
  step: string | null;
  title: string;
  custody: CustodyAction | null;
  participantId: string | null;
  /** Disclosed, and hashed to the participant's id; null when not disclosed. */
  participantGln: string | null;
  signer: string | null;
  occurredAt: number;
  recordedAt: number;
  commitment: string;
  head: string;
  /** Codes the flow's rules find in this event. */
  exceptions: string[];
  disclosed: DisclosedSummary | null;
  divergences: Divergence[];
}

export interface AuditException {
  number: number;
  code: string;
  class: ExceptionClass;
  leg: string | null;
  occurredAt: number;
  /** From the disclosed detail; null when the ledger raised it by its own rules or nothing was disclosed. */
  message: string | null;
  observed: unknown;
  limit: unknown;
  unit: string | null;
  stage: ExceptionStage;
  transitions: { to: string; participantId: string | null; signer: string; reasonHash: string; signedAt: number }[];
  holdsRelease: boolean;
}

/** One leg's proven condition. */
export interface AuditProof {
  leg: string;
  deviceId: string | null;
  /** Disclosed, and hashed to the device's id; null when not disclosed. */
  giai: string | null;
  attestation: "device" | "gateway" | null;
  status: LegStatus;
  reason: string | null;
  segments: { number: number; from: number; to: number; readingsCommitment: string; transactionHash: string }[];
  /** Accepted without proof, under an accepted exception. */
  acceptances: { number: number; from: number; to: number; exceptionNumber: number }[];
}

export interface AuditRelease {
  gate: string;
  title: string;
  participantId: string | null;
  participantGln: string | null;
  signer: string;
  releasedAt: number;
  head: string;
}

/** The auditor's replay of one journey. Exit code 0 without a divergence, else 1. */
export interface AuditReport {
  journeyId: string;
  chainId: string;
  headBlock: number;
  flow: { name: string; version: number; documentHash: string };
  head: string;
  events: AuditEvent[];
  exceptions: AuditException[];
  proofs: AuditProof[];
  releases: AuditRelease[];
  /** When what was disclosed was erased on the subject's request, as the node says; null when it was not. */
  erasedAt: string | null;
  /** Parts of the journey outside the view of who asked for the disclosure; left out when it was whole. */
  withheld?: string[];
  divergences: Divergence[];
  exitCode: 0 | 1;
}

/** What a report says of an erased journey. */
export function withheldText(withheld: readonly string[]): string {
  return `Disclosed without ${withheld.join(" and ")}: events are checked by the fields shown of them, each against its commitment.`;
}

export function erasedText(erasedAt: string): string {
  return `The node says it erased bodies and salts on the subject's request at ${erasedAt}: checked is what the chain itself holds.`;
}
