import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { ThreadlineError } from "../../model/errors.ts";

/** What holds plaintext, or commitments of the old form, in a database of 0001. */
const TABLES = ["journeys", "events", "scans", "exception_details"];

/**
 * Encryption at rest: bodies, contexts, salts, scans and exception details become sealed envelopes, identifiers keyed
 * blind indexes beside their ciphertext. Refuses a database with plaintext in it: those rows' commitments have the
 * form from before selective disclosure, so sealing them would keep what nobody can open on the ledger any more.
 */
export const encryptionMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const table of TABLES) {
      const { rows } = await sql<{ found: boolean }>`select exists (select 1 from ${sql.table(table)}) as found`.execute(database);
      if (rows[0]?.found === true)
        throw new ThreadlineError(
          "plaintext-database",
          `this database was written before encryption at rest, in plaintext (table ${table}); start with an empty one (a new THREADLINE_HOME or THREADLINE_DATABASE_URL) and keep or destroy the old one yourself`,
          { table },
        );
    }
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};

const STATEMENTS: readonly string[] = [
  `create table journey_keys (
    journey_id text not null,
    purpose text not null check (purpose in ('identity', 'content')),
    number integer not null,
    wrapped_key text,
    created_at_milliseconds bigint not null,
    destroyed_at_milliseconds bigint,
    primary key (journey_id, purpose, number)
  )`,
  `alter table journeys
    drop column chain_of_identity,
    drop column salt,
    drop column identity_salt,
    add column identity_index text not null unique,
    add column sealed_identity text,
    add column erased_at_milliseconds bigint`,
  `drop index journey_identifiers_identifier`,
  `alter table journey_identifiers drop constraint journey_identifiers_pkey`,
  `alter table journey_identifiers
    drop column identifier,
    add column identifier_index text not null,
    add column sealed_identifier text not null,
    add primary key (journey_id, kind, identifier_index)`,
  `create index journey_identifiers_index on journey_identifiers (identifier_index, kind)`,
  `alter table events
    drop column event_id,
    drop column event_hash,
    drop column body,
    drop column context,
    drop column salt,
    add column event_id_index text not null,
    add column event_hash_index text not null,
    add column sealed_event text,
    add unique (event_hash_index, is_error_declaration)`,
  `create index events_event_id_index on events (event_id_index)`,
  `alter table scans
    drop column raw,
    drop column reason,
    add column sealed_scan text`,
  `alter table exception_details
    drop column observed,
    drop column limit_value,
    drop column unit,
    drop column detail,
    drop column salt,
    add column sealed_detail text`,
];
