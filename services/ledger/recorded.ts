import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Database } from "../store/schema.ts";

/** Marks what the ledger has recorded, by natural key, however it got there. */
export async function markRecorded(transaction: Kysely<Database> | Transaction<Database>, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .updateTable("ledger_operations")
    .set({ status: "recorded", error: null, recorded_at_milliseconds: Date.now() })
    .where("natural_key", "=", sql<string>`any(${keys}::text[])`)
    .where("status", "!=", "recorded")
    .execute();
}

/** Which of these keys the index already has; their operations are marked recorded. */
export async function markRecordedByKeys(database: Kysely<Database>, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await database
    .selectFrom("chain_keys")
    .select("natural_key")
    .where("natural_key", "=", sql<string>`any(${keys}::text[])`)
    .execute();
  const found = new Set(rows.map((row) => row.natural_key));
  await markRecorded(database, [...found]);
  return found;
}

/**
 * Makes the outbox agree with the index, after a rebuild or a restart: what the ledger has is recorded; what it no
 * longer has goes back, to its stored transaction when there is one. A revocation moved to an earlier time leaves no
 * trace in the index and stays as it is.
 */
export async function reconcileOperations(database: Kysely<Database>): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`update ledger_operations set status = 'recorded', error = null, recorded_at_milliseconds = ${Date.now()}
      where status <> 'recorded' and natural_key in (select natural_key from chain_keys)`.execute(transaction);
    await sql`update ledger_operations
      set status = case when transaction_number is null then 'pending' else 'submitted' end, recorded_at_milliseconds = null
      where status = 'recorded' and kind <> 'revoke-device'
        and not exists (select 1 from chain_keys where chain_keys.natural_key = ledger_operations.natural_key)`.execute(transaction);
  });
}
