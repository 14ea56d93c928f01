import { canonicalHash, chainedHash } from "../audit-chain.ts";

export { FIRST_AUDIT_HASH } from "../audit-chain.ts";

/** What is done with patient records; each is one entry of the trail. */
export const AUDITED_ACTIONS = [
  "register-identifier",
  "translate",
  "re-identify",
  "merge",
  "unmerge",
  "give-consent",
  "revoke-consent",
  "bind-journey",
  "erase",
] as const;

export type AuditedAction = (typeof AUDITED_ACTIONS)[number];

/** What every reader of the trail sees of an entry. It names no patient. */
export interface AuditEntry {
  /** Counts from 1 without holes. */
  number: number;
  /** Unix milliseconds. */
  occurredAt: number;
  /** Ledger id of the organisation that asked. */
  participantId: string;
  action: AuditedAction;
  purpose: string;
  /** Domain that was asked about. */
  domain: string;
  outcome: "granted" | "refused";
  reason: string;
}

/**
 * Hash of the part that readers do not see: which records, merge or consent it was about. It covers the entry's number, so
 * that two entries about one patient cannot be told to be so; records are named by random ids of 122 bits.
 */
export function auditSubjectHash(number: number, subject: unknown): string {
  return canonicalHash({ number, subject });
}

/** SHA-256 over the hash of the entry before, what everyone sees, and the hash of what they do not. */
export function auditEntryHash(previousHash: string, entry: AuditEntry, subjectHash: string): string {
  return chainedHash(previousHash, { entry, subjectHash });
}
