import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS = [
  `alter table dead_letters add column payload_digest text`,
  `create index dead_letters_with_letter on dead_letters (dead_letter_number) where sealed_letter is not null`,
  `create table dead_letter_sums (
    reason text primary key,
    letters bigint not null,
    first_received_at_milliseconds bigint not null,
    last_received_at_milliseconds bigint not null,
    digest text not null
  )`,
];

/** What stays of refused messages whose text, and later whose row, there is no more room for. */
export const deadLetterLimitsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
