import type { Kysely, Transaction } from "kysely";
import type { PrintedLabel } from "../../model/identity/index.ts";
import type { Database } from "../../store/schema.ts";
import { problem } from "../http/problem.ts";

/** Labels printed for a journey, oldest version of each container first. */
export async function labelsOf(database: Kysely<Database> | Transaction<Database>, journeyId: string) {
  return database
    .selectFrom("labels")
    .selectAll()
    .where("journey_id", "=", journeyId)
    .orderBy("epc")
    .orderBy("version")
    .execute();
}

export type StoredLabel = Awaited<ReturnType<typeof labelsOf>>[number];

/** A label as the rules see it. */
export function printedLabel(row: StoredLabel): PrintedLabel {
  return { labelId: row.label_id, epc: row.epc, version: row.version, voided: row.voided_at_milliseconds !== null };
}

export async function labelOf(
  database: Kysely<Database> | Transaction<Database>,
  journeyId: string,
  labelId: string,
): Promise<StoredLabel> {
  const row = await database
    .selectFrom("labels")
    .selectAll()
    .where("journey_id", "=", journeyId)
    .where("label_id", "=", labelId)
    .executeTakeFirst();
  if (row === undefined) throw problem(404, "unknown-label", `the journey has no label ${labelId}`);
  return row;
}

/** Lets acts on one journey's labels follow each other, and nothing else wait; the lock ends with the transaction. */
export async function lockJourney(transaction: Transaction<Database>, journeyId: string): Promise<void> {
  await transaction.selectFrom("journeys").select("journey_id").where("journey_id", "=", journeyId).forNoKeyUpdate().execute();
}

/** Marks a label void unless it is already; the first reason stays. */
export async function voidLabels(
  transaction: Transaction<Database>,
  labelIds: readonly string[],
  by: { participantId: string; reason: string; atMilliseconds: number },
): Promise<number> {
  if (labelIds.length === 0) return 0;
  const voided = await transaction
    .updateTable("labels")
    .set({ voided_by: by.participantId, void_reason: by.reason, voided_at_milliseconds: by.atMilliseconds })
    .where("label_id", "in", labelIds)
    .where("voided_at_milliseconds", "is", null)
    .returning("label_id")
    .execute();
  return voided.length;
}
