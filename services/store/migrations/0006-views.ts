import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** A grant of milestones wraps no key, and so names none. */
export const viewsMigration: Migration = {
  async up(database) {
    await sql`alter table access_grants alter column thumbprint drop not null`.execute(database);
  },
};
