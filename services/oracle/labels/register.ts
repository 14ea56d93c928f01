import type { Kysely, Transaction } from "kysely";
import type { PrintedLabel } from "../../model/identity/index.ts";
import type { Database } from "../../store/schema.ts";
import { openLabel, sealVoidReason } from "../../store/sealed-labels.ts";
import type { OpenedLabel } from "../../store/sealed-labels.ts";
import { journeyCipher } from "../../store/vault/index.ts";
import { problem } from "../http/problem.ts";
import { refuseErased } from "../journeys/visible.ts";

export type StoredLabel = OpenedLabel;

/** Labels printed for a journey, oldest version of each container first; those erased are left out. */
export async function labelsOf(database: Kysely<Database> | Transaction<Database>, journeyId: string): Promise<StoredLabel[]> {
  const rows = await database.selectFrom("labels").selectAll().where("journey_id", "=", journeyId).orderBy("version").execute();
  const cipher = await journeyCipher(database, [journeyId]);
  const labels = rows.flatMap((row) => openLabel(cipher, row) ?? []);
  return labels.sort((left, right) => (left.epc < right.epc ? -1 : left.epc > right.epc ? 1 : left.version - right.version));
}

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
  const label = row === undefined ? null : openLabel(await journeyCipher(database, [journeyId]), row);
  if (label === null) throw problem(404, "unknown-label", `the journey has no label ${labelId}`);
  return label;
}

/**
 * Lets acts on one journey's labels follow each other, and nothing else wait but its erasure; the lock ends with the
 * transaction. Throws 410 when the journey was erased meanwhile.
 */
export async function lockJourney(transaction: Transaction<Database>, journeyId: string): Promise<void> {
  const journey = await transaction
    .selectFrom("journeys")
    .select(["journey_id", "erased_at_milliseconds"])
    .where("journey_id", "=", journeyId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  refuseErased(journey);
}

/** Marks labels of a journey void unless they are already; the first reason stays. */
export async function voidLabels(
  transaction: Transaction<Database>,
  journeyId: string,
  labelIds: readonly string[],
  by: { participantId: string; reason: string; atMilliseconds: number },
): Promise<void> {
  const cipher = await journeyCipher(transaction, [journeyId]);
  for (const labelId of labelIds)
    await transaction
      .updateTable("labels")
      .set({
        voided_by: by.participantId,
        sealed_void_reason: sealVoidReason(cipher, { journey_id: journeyId, label_id: labelId }, by.reason),
        voided_at_milliseconds: by.atMilliseconds,
      })
      .where("journey_id", "=", journeyId)
      .where("label_id", "=", labelId)
      .where("voided_at_milliseconds", "is", null)
      .execute();
}
