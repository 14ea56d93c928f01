import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What persons whose keys this node keeps prove anew, who they are, with. */
export const signingSecretsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`alter table persons
      add column signing_secret text,
      add column failed_signings integer not null default 0,
      add column signing_locked_until_milliseconds bigint`.execute(database);
  },
};
