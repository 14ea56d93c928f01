import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import { canonicalJson } from "../model/canonical-json.ts";
import { createDatabase } from "../store/database.ts";
import type { Database } from "../store/schema.ts";
import type { LedgerClient } from "./client.ts";
import { CHAIN_TABLES } from "./read-model.ts";
import { rebuildReadModel } from "./rebuild.ts";

/**
 * SHA-256 over every row of the read model, as canonical JSON lines in code-unit order, table by table. The cursor is
 * left out: blocks without a fact of ours change nothing. 64 hex digits.
 */
export async function stateDigest(database: Kysely<Database>): Promise<string> {
  const digest = createHash("sha256");
  const rows = await database.transaction().execute(async (transaction) => {
    const tables: string[][] = [];
    for (const table of CHAIN_TABLES) {
      const found = await transaction.selectFrom(table).selectAll().execute();
      tables.push(found.map((row) => canonicalJson(row)).sort());
    }
    return tables;
  });
  CHAIN_TABLES.forEach((table, index) => {
    digest.update(`${table}\n`);
    for (const line of rows[index] ?? []) digest.update(`${line}\n`);
  });
  return digest.digest("hex");
}

/** The digest that a read model made from the chain alone has: equal to a node's own when that one is right. */
export async function chainDigest(ledger: LedgerClient): Promise<string> {
  const { database, close } = await createDatabase({ memory: true });
  try {
    await rebuildReadModel(database, ledger);
    return await stateDigest(database);
  } finally {
    await close();
  }
}
