import type { Kysely, Transaction } from "kysely";
import type { RecordedStep } from "../model/condition/index.ts";
import type { Database } from "./schema.ts";

/** Steps captured for a journey, in the order the ledger takes them. Corrections void nothing that happened. */
export async function stepsOfJourney(database: Kysely<Database> | Transaction<Database>, journeyId: string): Promise<(RecordedStep & { recordedAtMilliseconds: number })[]> {
  const rows = await database
    .selectFrom("events")
    .select(["step", "event_time_milliseconds", "record_time_milliseconds"])
    .where("journey_id", "=", journeyId)
    .where("is_error_declaration", "=", false)
    .where("step", "is not", null)
    .orderBy("event_number")
    .execute();
  return rows.map((row) => ({
    step: row.step ?? -1,
    occurredAt: Math.floor(row.event_time_milliseconds / 1000),
    recordedAtMilliseconds: row.record_time_milliseconds,
  }));
}
