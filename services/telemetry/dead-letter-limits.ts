import { createHash } from "node:crypto";
import type { Kysely, Selectable, Transaction } from "kysely";
import { createWorkLoop } from "../schedule/work-loop.ts";
import type { Failure, FailureLogger } from "../schedule/failure-record.ts";
import type { Database, DeadLetterRow, DeadLetterSumRow } from "../store/schema.ts";

export interface DeadLetterLimits {
  /** Letters whose text is kept, the newest ones. */
  letters: number;
  /** How long a letter's text is kept. */
  days: number;
  /** Letters that have a row of their own; older ones are in a sum for each reason. */
  rows: number;
}

export const DEAD_LETTER_LIMITS: DeadLetterLimits = { letters: 10_000, days: 90, rows: 1_000_000 };

export interface DeadLetterKeeping {
  /** Makes room now; returns of how many letters the text was dropped, and how many were added to the sums. */
  makeRoom(nowMilliseconds?: number): Promise<{ texts: number; rows: number }>;
  /** Why it does not get on; null while it does. */
  failure(): Failure | null;
  close(): Promise<void>;
}

const DAY_MILLISECONDS = 86_400_000;
const EVERY_MILLISECONDS = 60_000;
const ROWS_AT_ONCE = 5_000;

/**
 * Bounds what strangers can make a node keep. That a message was refused, when, why, and its keyed digest outlast its text;
 * the number, the span and a digest over all outlast its row. Every drop is logged and counted in the metrics.
 */
export function createDeadLetterKeeping(
  limits: DeadLetterLimits,
  { database, logger, everyMilliseconds = EVERY_MILLISECONDS }: { database: Kysely<Database>; logger: FailureLogger; everyMilliseconds?: number },
): DeadLetterKeeping {
  async function makeRoom(nowMilliseconds = Date.now()): Promise<{ texts: number; rows: number }> {
    const texts = await dropTexts(database, limits, nowMilliseconds);
    let rows = 0;
    for (let added = -1; added !== 0; rows += added)
      added = await database.transaction().execute((transaction) => addToSums(transaction, limits.rows));
    if (texts + rows > 0) logger.error({ texts, rows, limits }, "dead letters were over their limit: texts dropped, or rows added to the sums");
    return { texts, rows };
  }

  const loop = createWorkLoop({
    name: "the keeping of dead letters",
    async step() {
      await makeRoom();
      return "idle";
    },
    everyMilliseconds,
    restsFirst: true,
    logger,
  });
  loop.start();
  return { makeRoom, failure: loop.failure, close: loop.close };
}

async function dropTexts(database: Kysely<Database>, { letters, days }: DeadLetterLimits, nowMilliseconds: number): Promise<number> {
  const firstTooMany = database
    .selectFrom("dead_letters")
    .select("dead_letter_number")
    .where("sealed_letter", "is not", null)
    .orderBy("dead_letter_number", "desc")
    .limit(1)
    .offset(letters);
  const { numUpdatedRows } = await database
    .updateTable("dead_letters")
    .set({ sealed_letter: null })
    .where("sealed_letter", "is not", null)
    .where(({ or, eb }) => or([eb("received_at_milliseconds", "<", nowMilliseconds - days * DAY_MILLISECONDS), eb("dead_letter_number", "<=", firstTooMany)]))
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

async function addToSums(transaction: Transaction<Database>, rowsKept: number): Promise<number> {
  const firstTooMany = transaction.selectFrom("dead_letters").select("dead_letter_number").orderBy("dead_letter_number", "desc").limit(1).offset(rowsKept);
  const rows = await transaction
    .deleteFrom("dead_letters")
    .where(
      "dead_letter_number",
      "in",
      transaction.selectFrom("dead_letters").select("dead_letter_number").where("dead_letter_number", "<=", firstTooMany).orderBy("dead_letter_number").limit(ROWS_AT_ONCE),
    )
    .returningAll()
    .execute();
  rows.sort((left, right) => left.dead_letter_number - right.dead_letter_number);
  const sums = new Map((await transaction.selectFrom("dead_letter_sums").selectAll().execute()).map((sum) => [sum.reason, sum]));
  const changed = new Map<string, DeadLetterSumRow>();
  for (const row of rows) {
    const sum = added(changed.get(row.reason) ?? sums.get(row.reason), row);
    changed.set(row.reason, sum);
  }
  for (const sum of changed.values())
    await transaction
      .insertInto("dead_letter_sums")
      .values(sum)
      .onConflict((conflict) => conflict.column("reason").doUpdateSet(sum))
      .execute();
  return rows.length;
}

/** `digest`: SHA-256 over the digest before and the letter's time and payload digest, so that nothing of a sum can be changed unseen. */
function added(sum: DeadLetterSumRow | undefined, row: Selectable<DeadLetterRow>): DeadLetterSumRow {
  const { reason, received_at_milliseconds: receivedAt, payload_digest: payloadDigest } = row;
  const digest = createHash("sha256").update(`${sum?.digest ?? ""}\n${receivedAt}\n${payloadDigest ?? ""}`).digest("hex");
  return {
    reason,
    letters: (sum?.letters ?? 0) + 1,
    first_received_at_milliseconds: Math.min(sum?.first_received_at_milliseconds ?? receivedAt, receivedAt),
    last_received_at_milliseconds: Math.max(sum?.last_received_at_milliseconds ?? receivedAt, receivedAt),
    digest,
  };
}
