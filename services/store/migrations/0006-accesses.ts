import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS: readonly string[] = [
  `alter table fhir_accesses rename to accesses`,
  `alter index fhir_accesses_journey rename to accesses_journey`,
  `alter table accesses alter column interaction drop not null`,
  `alter table accesses add column operation_id text not null default 'fhir'`,
  `alter table accesses alter column operation_id drop default`,
  `alter table accesses add column account text`,
  `alter table accesses add column status integer`,
  `alter table accesses add column previous_hash text`,
  `alter table accesses add column entry_hash text`,
  `alter table accesses add column seal text`,
  `create index accesses_participant on accesses (participant_id, access_number)`,
  `create or replace function refuse_fhir_access_change() returns trigger language plpgsql as
    $$ begin raise exception 'the trail of accesses is only ever appended to'; end $$`,
];

/**
 * The record of FHIR accesses becomes the trail of all accesses, each chained to the one before. Rows from before have no
 * hash: the chain begins after them. The triggers that keep rows as they are stay.
 */
export const accessesMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
