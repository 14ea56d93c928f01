import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const FHIR_TABLES: readonly string[] = [
  `create table fhir_accesses (
    access_number bigserial primary key,
    access_id text not null unique,
    occurred_at_milliseconds bigint not null,
    participant_id text not null,
    roles text not null,
    interaction text not null check (interaction in ('read', 'search-type', 'operation')),
    resource_type text,
    resource_id text,
    journey_id text references journeys (journey_id),
    parameters text not null,
    resources integer not null,
    is_refused boolean not null,
    pseudonym_shown boolean not null
  )`,
  `create index fhir_accesses_journey on fhir_accesses (journey_id, access_number)`,
  `create function refuse_fhir_access_change() returns trigger language plpgsql as
    $$ begin raise exception 'the record of FHIR accesses is only ever appended to'; end $$`,
  `create trigger fhir_accesses_rows before update or delete on fhir_accesses
    for each row execute function refuse_fhir_access_change()`,
  `create trigger fhir_accesses_truncate before truncate on fhir_accesses
    for each statement execute function refuse_fhir_access_change()`,
];

/** The record of accesses that AuditEvents are made of. The database itself refuses to change or delete it. */
export const fhirMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of FHIR_TABLES) await sql.raw(statement).execute(database);
  },
};
