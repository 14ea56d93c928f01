import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Labels printed here and their reconciliation, and Chain of Identity identifiers issued here. A container has one
 * valid label at most, and every version once, whichever journey asks.
 */
const STATEMENTS: readonly string[] = [
  `create table labels (
    label_id text primary key,
    journey_id text not null references journeys (journey_id),
    epc text not null,
    version integer not null,
    content text not null,
    reason text,
    printed_by text not null,
    printed_at_milliseconds bigint not null,
    voided_by text,
    void_reason text,
    voided_at_milliseconds bigint,
    unique (epc, version)
  )`,
  `create index labels_journey on labels (journey_id, epc, version)`,
  `create unique index labels_valid on labels (epc) where voided_at_milliseconds is null`,
  `create table label_reconciliations (
    reconciliation_id text primary key,
    journey_id text not null references journeys (journey_id),
    performed_by text not null,
    performed_at_milliseconds bigint not null,
    printed integer not null,
    applied integer not null,
    destroyed integer not null,
    differences jsonb not null
  )`,
  `create index label_reconciliations_journey on label_reconciliations (journey_id, performed_at_milliseconds)`,
  `create table issued_identifiers (
    chain_of_identity text primary key,
    issued_by text not null,
    issued_at_milliseconds bigint not null
  )`,
];

export const labelsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
