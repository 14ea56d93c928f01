import { sql } from "kysely";
import type { Kysely, Selectable, Transaction } from "kysely";
import { canonicalJson } from "../model/canonical-json.ts";
import { auditEntryHash, auditSubjectHash, FIRST_AUDIT_HASH } from "../model/patient/index.ts";
import type { AuditedAction, AuditEntry } from "../model/patient/index.ts";
import type { PatientAuditRow } from "../store/patient-schema.ts";
import type { Database } from "../store/schema.ts";
import type { PatientKeys } from "./patient-keys.ts";

/** What an entry is about, never shown: random ids of records, numbers of merges, ids of consents and journeys. */
export type AuditSubject = Record<string, string | number | boolean | string[] | Record<string, string | number>[]>;

export interface NewAuditEntry {
  occurredAt: number;
  participantId: string;
  action: AuditedAction;
  purpose: string;
  domain: string;
  outcome: "granted" | "refused";
  reason: string;
  subject: AuditSubject;
}

/** An entry as readers see it, with the hashes that chain it. */
export type ShownAuditEntry = AuditEntry & { previousHash: string; subjectHash: string; hash: string };

export type TrailVerdict = { intact: boolean; entries: number; head: string; firstBroken: number | null };

/**
 * Takes the patient tables for this transaction: one act after the other, so that the trail has one order and no merge
 * is judged on a state that another is changing. PGlite has one connection and needs nothing.
 */
export async function lockPatients(transaction: Transaction<Database>): Promise<void> {
  if (!transaction.getExecutor().adapter.supportsMultipleConnections) return;
  await sql`select pg_advisory_xact_lock(hashtextextended('threadline/patients', 0))`.execute(transaction);
}

/** Appends an entry, in the transaction of what it tells of; the caller holds the lock. */
export async function appendAudit(transaction: Transaction<Database>, keys: PatientKeys, entry: NewAuditEntry): Promise<void> {
  const last = await transaction
    .selectFrom("patient_audit")
    .select(["entry_number", "entry_hash"])
    .orderBy("entry_number", "desc")
    .limit(1)
    .executeTakeFirst();
  const { subject, ...seen } = entry;
  const shown: AuditEntry = { number: (last?.entry_number ?? 0) + 1, ...seen };
  const previousHash = last?.entry_hash ?? FIRST_AUDIT_HASH;
  const hash = auditEntryHash(previousHash, shown, auditSubjectHash(shown.number, subject));
  await transaction
    .insertInto("patient_audit")
    .values({
      entry_number: shown.number,
      occurred_at_milliseconds: shown.occurredAt,
      participant_id: shown.participantId,
      action: shown.action,
      purpose: shown.purpose,
      domain: shown.domain,
      outcome: shown.outcome,
      reason: shown.reason,
      subject: canonicalJson(subject),
      previous_hash: previousHash,
      entry_hash: hash,
      seal: keys.auditSeal(hash),
    })
    .execute();
}

/** Entries newest first, of one organisation or of all (`null`). */
export async function readAudit(
  database: Kysely<Database>,
  participantId: string | null,
  page: { offset: number; limit: number },
): Promise<ShownAuditEntry[]> {
  const rows = await database
    .selectFrom("patient_audit")
    .selectAll()
    .$if(participantId !== null, (query) => query.where("participant_id", "=", participantId ?? ""))
    .orderBy("entry_number", "desc")
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  return rows.map((row) => ({
    ...entryOf(row),
    previousHash: row.previous_hash,
    subjectHash: auditSubjectHash(row.entry_number, JSON.parse(row.subject)),
    hash: row.entry_hash,
  }));
}

const ENTRIES_AT_A_TIME = 1000;

/**
 * Recomputes the chain from its first entry. An entry changed, moved or taken out of the middle breaks it; the seals
 * also show a chain that was rewritten as a whole without the node's secret. What was cut off the end shows against a
 * head that a reader noted before: keep it.
 */
export async function verifyAudit(database: Kysely<Database>, keys: PatientKeys): Promise<TrailVerdict> {
  let head = FIRST_AUDIT_HASH;
  let entries = 0;
  for (;;) {
    const rows = await database
      .selectFrom("patient_audit")
      .selectAll()
      .where("entry_number", ">", entries)
      .orderBy("entry_number")
      .limit(ENTRIES_AT_A_TIME)
      .execute();
    if (rows.length === 0) return { intact: true, entries, head, firstBroken: null };
    for (const row of rows) {
      if (row.entry_number !== entries + 1 || !follows(row, head, keys))
        return { intact: false, entries, head, firstBroken: entries + 1 };
      head = row.entry_hash;
      entries = row.entry_number;
    }
  }
}

function follows(row: Selectable<PatientAuditRow>, head: string, keys: PatientKeys): boolean {
  const subjectHash = auditSubjectHash(row.entry_number, JSON.parse(row.subject));
  return (
    row.previous_hash === head &&
    row.entry_hash === auditEntryHash(head, entryOf(row), subjectHash) &&
    row.seal === keys.auditSeal(row.entry_hash)
  );
}

function entryOf(row: Selectable<PatientAuditRow>): AuditEntry {
  return {
    number: row.entry_number,
    occurredAt: row.occurred_at_milliseconds,
    participantId: row.participant_id,
    action: row.action as AuditedAction,
    purpose: row.purpose,
    domain: row.domain,
    outcome: row.outcome,
    reason: row.reason,
  };
}
