import type { Transaction } from "kysely";
import { recordException } from "../store/exception-details.ts";
import type { Database } from "../store/schema.ts";

interface BoundJourney {
  journeyId: string;
  /** Unix milliseconds. */
  boundAt: number;
}

/** Journeys of a patient's records that are still under way: not every gate of their flow has been released. */
export async function openJourneysOf(transaction: Transaction<Database>, records: readonly string[]): Promise<BoundJourney[]> {
  const rows = await transaction
    .selectFrom("journey_patients")
    .innerJoin("journeys", "journeys.journey_id", "journey_patients.journey_id")
    .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
    .select((select) => [
      "journeys.journey_id as journeyId",
      "bound_at_milliseconds as boundAt",
      "flows.document as flow",
      select
        .selectFrom("chain_releases")
        .select((releases) => releases.fn.countAll().as("count"))
        .whereRef("chain_releases.journey_id", "=", "journeys.journey_id")
        .as("released"),
    ])
    .where("record_id", "in", records)
    .orderBy("journeys.journey_id")
    .execute();
  return rows
    .filter(({ flow, released }) => {
      const gates = (JSON.parse(flow) as { gates: unknown[] }).gates.length;
      return gates === 0 || Number(released) < gates;
    })
    .map(({ journeyId, boundAt }) => ({ journeyId, boundAt }));
}

export interface MergeConflict {
  /** Whether the records were made one or two. */
  kind: "merge" | "unmerge";
  number: number;
  journeys: readonly string[];
  /** Unix milliseconds. */
  now: number;
  message: string;
}

/** Raises the exception on every journey concerned: a person must say whose cells these are. */
export async function flagMergeConflict(
  transaction: Transaction<Database>,
  { kind, number, journeys, now, message }: MergeConflict,
): Promise<void> {
  for (const journeyId of journeys)
    await recordException(transaction, {
      journeyId,
      code: "patient-merge-conflict",
      leg: null,
      occurredAt: now / 1000,
      observed: journeys.length,
      limit: kind === "merge" ? 1 : 0,
      unit: "open journeys",
      message,
      key: `${kind}:${number}`,
    });
}
