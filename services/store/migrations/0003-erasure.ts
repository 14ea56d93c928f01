import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The record that an erasure was done, and what it left in place for how long; it names nobody. */
export const erasureMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create table erasures (
      erasure_number bigserial primary key,
      journey_id text not null,
      reason text not null,
      erased jsonb not null,
      is_link_kept boolean not null,
      kept_until text,
      batch_expiry text,
      erased_at_milliseconds bigint not null
    )`.execute(database);
    await sql`create index erasures_journey on erasures (journey_id)`.execute(database);
  },
};
