import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { Notifications } from "../../store/notifications.ts";
import type { Database } from "../../store/schema.ts";

const POLL_MILLISECONDS = 100;

export interface OperationOutcome {
  status: "pending" | "submitted" | "recorded" | "refused";
  error: string | null;
}

/**
 * Waits until a ledger operation is recorded or refused, or the time is up. Notifications only make it look sooner:
 * the database says what happened.
 */
export async function outcomeOf(
  database: Kysely<Database>,
  notifications: Notifications,
  idempotencyKey: string,
  timeoutMilliseconds: number,
  closing: AbortSignal,
): Promise<OperationOutcome> {
  const deadline = Date.now() + timeoutMilliseconds;
  let wake: () => void = () => undefined;
  const unsubscribe = notifications.subscribe(() => wake());
  try {
    for (;;) {
      const heard = new Promise<void>((resolve) => (wake = resolve));
      const row = await database
        .selectFrom("ledger_operations")
        .select(["status", "error"])
        .where("idempotency_key", "=", idempotencyKey)
        .executeTakeFirstOrThrow();
      const left = deadline - Date.now();
      if (row.status === "recorded" || row.status === "refused" || left <= 0 || closing.aborted) return row;
      await Promise.race([heard, sleep(Math.min(POLL_MILLISECONDS, left))]);
    }
  } finally {
    unsubscribe();
  }
}
