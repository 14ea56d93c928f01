import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { BATCH_CHAIN_KEYS, BATCH_CHAIN_TABLES, BATCH_TABLES } from "./0002-batch-tables.ts";

/** Tables of the batch: recipes, records, results, genealogy, proofs. */
export const batchMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of [...BATCH_TABLES, ...BATCH_CHAIN_TABLES]) await sql.raw(statement).execute(database);
    await extendChainKeys(database, BATCH_CHAIN_KEYS);
  },
};

/** Adds members to the view as other migrations left it, so that none need know the others'. */
async function extendChainKeys(database: Kysely<unknown>, members: string): Promise<void> {
  const { rows } = await sql<{ definition: string }>`select definition from pg_views
    where viewname = 'chain_keys' and schemaname = current_schema()`.execute(database);
  const definition = (rows[0]?.definition ?? "").replace(/;\s*$/, "");
  await sql.raw(`create or replace view chain_keys as ${definition} ${members}`).execute(database);
}
