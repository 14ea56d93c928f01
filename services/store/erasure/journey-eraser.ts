import type { Transaction } from "kysely";
import { sql } from "kysely";
import type { Database } from "../schema.ts";
import { destroyJourneyKeys } from "../vault/index.ts";
import { erasedIndex } from "./erased-index.ts";
import type { ErasedPart, SubjectEraser } from "./eraser.ts";

/**
 * What a journey disclosed: events with bodies, contexts and salts, scans, exception details, then the keys they were
 * sealed with. Blind indexes of events become random: made of guessable texts under the node's secret, they could be
 * tried. Commitments stay, since they are on the ledger. Without salt they tell nothing, whatever one guesses.
 */
export const journeyEraser: SubjectEraser = {
  name: "journey",
  async erase(transaction, { journeyId, isTraceabilityKept }) {
    const parts = [
      await eraseJobs(transaction, journeyId),
      await eraseEvents(transaction, journeyId),
      await eraseRows(transaction, "scans", "sealed_scan", "scanned labels", journeyId),
      await eraseRows(transaction, "exception_details", "sealed_detail", "exception details and their salts", journeyId),
    ];
    const wraps = await transaction
      .deleteFrom("key_wraps")
      .where("grant_id", "in", (from) => from.selectFrom("access_grants").select("grant_id").where("journey_id", "=", journeyId))
      .returning("grant_id")
      .execute();
    parts.push({ what: "keys wrapped for recipients", count: wraps.length });
    await destroyJourneyKeys(transaction, journeyId, isTraceabilityKept ? ["content"] : ["content", "identity"]);
    parts.push(isTraceabilityKept ? await keptIdentity(transaction, journeyId) : await eraseIdentity(transaction, journeyId));
    return parts;
  },
};

const IDENTITY = "Chain of Identity, identifiers and the salts of their commitments";

async function eraseEvents(transaction: Transaction<Database>, journeyId: string): Promise<ErasedPart> {
  const rows = await transaction
    .selectFrom("events")
    .select("event_number")
    .where("journey_id", "=", journeyId)
    .where("sealed_event", "is not", null)
    .execute();
  for (const { event_number: eventNumber } of rows)
    await transaction
      .updateTable("events")
      .set({
        sealed_event: null,
        event_id_index: erasedIndex(),
        event_hash_index: erasedIndex(),
        // The ledger has the second; what is finer was only here.
        event_time_milliseconds: sql<number>`event_time_milliseconds / 1000 * 1000`,
      })
      .where("event_number", "=", eventNumber)
      .execute();
  return { what: "events with their texts, contexts and salts", count: rows.length };
}

/** Errors of the captures that brought the journey's events may quote them. */
async function eraseJobs(transaction: Transaction<Database>, journeyId: string): Promise<ErasedPart> {
  const rows = await transaction
    .updateTable("capture_jobs")
    .set({ sealed_errors: null })
    .where("capture_id", "in", (from) => from.selectFrom("events").select("capture_id").where("journey_id", "=", journeyId))
    .where("sealed_errors", "is not", null)
    .returning("capture_id")
    .execute();
  return { what: "errors of capture jobs", count: rows.length };
}

async function eraseRows(
  transaction: Transaction<Database>,
  table: "scans" | "exception_details",
  column: "sealed_scan" | "sealed_detail",
  what: string,
  journeyId: string,
): Promise<ErasedPart> {
  const { rows } = await sql`update ${sql.table(table)} set ${sql.ref(column)} = null
    where journey_id = ${journeyId} and ${sql.ref(column)} is not null returning journey_id`.execute(transaction);
  return { what, count: rows.length };
}

async function eraseIdentity(transaction: Transaction<Database>, journeyId: string): Promise<ErasedPart> {
  await transaction.deleteFrom("journey_identifiers").where("journey_id", "=", journeyId).execute();
  const rows = await transaction
    .updateTable("journeys")
    .set({ sealed_identity: null, identity_index: erasedIndex() })
    .where("journey_id", "=", journeyId)
    .where("sealed_identity", "is not", null)
    .returning("journey_id")
    .execute();
  return { what: IDENTITY, count: rows.length };
}

/** Identity checks open with the same key. */
async function keptIdentity(transaction: Transaction<Database>, journeyId: string): Promise<ErasedPart> {
  const rows = await transaction
    .selectFrom("journeys")
    .select("journey_id")
    .where("journey_id", "=", journeyId)
    .where("sealed_identity", "is not", null)
    .execute();
  return { what: IDENTITY, count: rows.length, isKept: true };
}
