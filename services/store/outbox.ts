import { sql } from "kysely";
import type { Transaction } from "kysely";
import { naturalKeyOf } from "./natural-key.ts";
import type { Database, LedgerOperationKind } from "./schema.ts";

/** Something the ledger is to record. `payload` is stored as JSON; big numbers go in as decimal strings. */
export interface NewOperation {
  /** One key, one effect: a second operation with the same key is the first one. */
  idempotencyKey: string;
  kind: LedgerOperationKind;
  journeyId: string | null;
  payload: Record<string, unknown>;
}

/**
 * Writes an operation in the database transaction of the fact it announces. Returns whether there is something to do:
 * false when it is already under way or recorded. One that the ledger refused is tried again with the new payload,
 * after all that was asked for meanwhile.
 */
export async function enqueueOperation(transaction: Transaction<Database>, operation: NewOperation): Promise<boolean> {
  return (await enqueueOperations(transaction, [operation])) === 1;
}

/** Writes several operations in their order; returns how many were new or are tried again. */
export async function enqueueOperations(
  transaction: Transaction<Database>,
  operations: readonly NewOperation[],
): Promise<number> {
  if (operations.length === 0) return 0;
  const unique = [...new Map(operations.map((operation) => [operation.idempotencyKey, operation])).values()];
  await keepOrder(transaction, unique);
  const createdAt = Date.now();
  const inserted = await transaction
    .insertInto("ledger_operations")
    .values(
      unique.map((operation) => ({
        idempotency_key: operation.idempotencyKey,
        natural_key: naturalKeyOf(operation.kind, operation.payload),
        kind: operation.kind,
        journey_id: operation.journeyId,
        payload: JSON.stringify(operation.payload),
        status: "pending" as const,
        transaction_number: null,
        error: null,
        created_at_milliseconds: createdAt,
        recorded_at_milliseconds: null,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column("idempotency_key")
        .doUpdateSet((row) => ({
          operation_number: row.ref("excluded.operation_number"),
          status: "pending",
          error: null,
          payload: row.ref("excluded.payload"),
          natural_key: row.ref("excluded.natural_key"),
        }))
        .where("ledger_operations.status", "=", "refused"),
    )
    .returning("operation_number")
    .execute();
  return inserted.length;
}

/**
 * On PostgreSQL two transactions may commit in another order than they took their numbers; operations of one journey
 * therefore wait for each other. PGlite has one connection and needs nothing.
 */
async function keepOrder(transaction: Transaction<Database>, operations: readonly NewOperation[]): Promise<void> {
  if (!transaction.getExecutor().adapter.supportsMultipleConnections) return;
  const journeys = new Set(operations.map((operation) => operation.journeyId ?? "network"));
  for (const journey of [...journeys].sort())
    await sql`select pg_advisory_xact_lock(hashtextextended(${journey}, 0))`.execute(transaction);
}
