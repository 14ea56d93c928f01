import type { Kysely, Transaction } from "kysely";
import type { AuditedAction } from "../model/patient/index.ts";
import type { Database } from "../store/schema.ts";
import type { Actor, Outcome } from "./actor.ts";
import { appendAudit, lockPatients } from "./audit-trail.ts";
import type { AuditSubject } from "./audit-trail.ts";
import type { PatientKeys } from "./patient-keys.ts";

export interface PatientContext {
  database: Kysely<Database>;
  keys: PatientKeys;
  /** Unix milliseconds. */
  now: () => number;
}

/** What an act works with, inside its transaction. */
export interface Act {
  transaction: Transaction<Database>;
  keys: PatientKeys;
  actor: Actor;
  now: number;
}

export interface Intent {
  action: AuditedAction;
  purpose: string;
  /** Domain asked about. */
  domain: string;
}

export interface Conclusion<Value> {
  outcome: Outcome<Value>;
  /** Why it was granted; a refusal has its own reason. */
  reason?: string;
  subject?: AuditSubject;
}

/**
 * The one way to a patient record: does something and writes who asked, what for and what it came to, in one transaction
 * that ends before anything is answered. A refusal is an outcome, not an error, so that its entry is kept.
 */
export async function audited<Value>(
  context: PatientContext,
  actor: Actor,
  intent: Intent,
  act: (act: Act) => Promise<Conclusion<Value>>,
): Promise<Outcome<Value>> {
  return context.database.transaction().execute(async (transaction) => {
    await lockPatients(transaction);
    return auditedIn(transaction, context, actor, intent, act);
  });
}

/** The same within a transaction that does more; the caller holds the lock. */
export async function auditedIn<Value>(
  transaction: Transaction<Database>,
  { keys, now }: Pick<PatientContext, "keys" | "now">,
  actor: Actor,
  intent: Intent,
  act: (act: Act) => Promise<Conclusion<Value>>,
): Promise<Outcome<Value>> {
  const occurredAt = now();
  const { outcome, reason, subject } = await act({ transaction, keys, actor, now: occurredAt });
  await appendAudit(transaction, keys, {
    occurredAt,
    participantId: actor.participantId,
    ...intent,
    outcome: outcome.granted ? "granted" : "refused",
    reason: outcome.granted ? (reason ?? "") : outcome.reason,
    subject: subject ?? {},
  });
  return outcome;
}

export function granted<Value>(value: Value, reason: string, subject: AuditSubject): Conclusion<Value> {
  return { outcome: { granted: true, value }, reason, subject };
}

export function refused(code: string, reason: string, subject: AuditSubject = {}): Conclusion<never> {
  return { outcome: { granted: false, code, reason }, subject };
}
