import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { CHAIN_TABLES } from "./0001-chain-tables.ts";
import { DISCLOSED_TABLES } from "./0001-disclosed-tables.ts";

/** Makes every table of `schema.ts`. The same statements run on PGlite and on PostgreSQL. */
export const initialMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of [...DISCLOSED_TABLES, ...CHAIN_TABLES]) await sql.raw(statement).execute(database);
  },
};
