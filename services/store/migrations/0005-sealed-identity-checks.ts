import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What an identity check's scan showed is sealed like the journey's own identity; checks of before are dropped. */
export const sealedIdentityChecksMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`delete from identity_checks`.execute(database);
    await sql`alter table identity_checks
      drop column chain_of_identity,
      drop column patient,
      drop column blinding,
      add column sealed_check text not null`.execute(database);
  },
};
