import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Database } from "../schema.ts";
import { journeyCipher, vaultOf } from "../vault/index.ts";
import type { JourneyCipher, Vault } from "../vault/index.ts";
import { RESEALED_TABLES } from "./0006-resealed-tables.ts";
import type { PlainRow } from "./0006-resealed-tables.ts";

const ROWS_AT_ONCE = 500;

/**
 * Batch records, laboratory results, genealogy, labels, issued identifiers, reasons, errors of capture jobs and refused
 * messages are sealed as well. What stands there in clear is sealed on the spot, a journey's under its own keys; then
 * the columns in clear go. A database opened without the node's secret is refused if there is anything to seal.
 */
export const sealedRecordsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const { before } of RESEALED_TABLES) for (const statement of before) await sql.raw(statement).execute(database);
    for (const { table, seal } of RESEALED_TABLES) await reseal(database as Kysely<Database>, table, seal);
    for (const { after } of RESEALED_TABLES) for (const statement of after) await sql.raw(statement).execute(database);
  },
};

/** Rows are found by their physical place, which nothing else changes while this transaction holds the table. */
async function reseal(
  database: Kysely<Database>,
  table: string,
  seal: (vault: Vault, cipher: JourneyCipher, row: PlainRow) => Record<string, string | null>,
): Promise<void> {
  for (;;) {
    const { rows } = await sql<PlainRow>`select ctid::text as place, * from ${sql.table(table)} where not is_sealed limit ${ROWS_AT_ONCE}`.execute(database);
    if (rows.length === 0) return;
    const vault = vaultOf(database);
    const cipher = await journeyCipher(database, rows.map((row) => row["journey_id"] ?? null));
    const sealed = rows.map((row) => seal(vault, cipher, row));
    const columns = Object.keys(sealed[0] ?? {});
    const texts = columns.map((column) => sql`${sealed.map((row) => row[column] ?? null)}::text[]`);
    const assignments = columns.map((column) => sql`${sql.ref(column)} = sealed.${sql.ref(column)}`);
    await sql`update ${sql.table(table)} as target set is_sealed = true, ${sql.join(assignments)}
      from unnest(${rows.map((row) => row["place"])}::text[], ${sql.join(texts)}) as sealed (place, ${sql.join(columns.map((column) => sql.ref(column)))})
      where target.ctid = sealed.place::tid`.execute(database);
  }
}
