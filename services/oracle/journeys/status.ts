import type { Kysely } from "kysely";
import type { Database } from "../../store/schema.ts";
import { rfc3339, rfc3339FromMilliseconds } from "../schemas/common.ts";
import { replayCustody } from "./custody-replay.ts";
import { tracesErased } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { shownExceptions } from "./shown-exceptions.ts";
import { seesOf } from "./visible.ts";
import type { Journey } from "./visible.ts";

/** Everything a user asks of a journey first, as far as their view goes, at `now` (Unix seconds). */
export async function journeyStatus(database: Kysely<Database>, caller: Caller, journey: Journey, now: number) {
  const journeyId = journey.journey_id;
  const onLedger = await database
    .selectFrom("chain_journeys")
    .select(["head", "event_count"])
    .where("journey_id", "=", journeyId)
    .executeTakeFirst();
  const events = await replayCustody(database, journey);
  const people = await participantNames(database);
  const exceptions = await shownExceptions(database, caller, journey, now);
  const operations = await database
    .selectFrom("ledger_operations")
    .select(["kind", "status", "error", "created_at_milliseconds"])
    .where("journey_id", "=", journeyId)
    .where("status", "in", ["pending", "submitted", "refused"])
    .orderBy("operation_number")
    .execute();
  const { readings } = await database
    .selectFrom("telemetry_messages")
    .select((select) => select.fn.sum<number | null>("reading_count").as("readings"))
    .where("journey_id", "=", journeyId)
    .where("kind", "=", "readings")
    .executeTakeFirstOrThrow();
  // What is kept of an erased subject is for tracing alone.
  const isErased = journey.erased_at_milliseconds !== null;
  const isShown = isErased ? tracesErased(caller) : await seesOf(database, caller, journeyId, "identity");
  const refused = operations.filter((operation) => operation.status === "refused");
  const custodian = events.at(-1)?.custodian ?? null;
  return {
    journeyId,
    chainOfIdentity: isShown ? journey.chain_of_identity : null,
    flow: { name: journey.flow.name, version: journey.flow.version, documentHash: journey.flow_document_hash },
    createdAt: rfc3339FromMilliseconds(journey.created_at_milliseconds),
    recorded: onLedger !== undefined,
    head: onLedger?.head ?? null,
    eventCount: onLedger?.event_count ?? 0,
    readingsReceived: Number(readings ?? 0),
    custodian:
      custodian === null ? null : (people.get(custodian) ?? { participantId: custodian, gln: null, name: null }),
    steps: events.map((event) => ({
      sequence: event.sequence,
      step: event.step?.step ?? null,
      title: event.step?.title ?? null,
      participant: people.get(event.participant)?.name ?? event.participant,
      occurredAt: rfc3339(event.occurredAt),
      recordedAt: rfc3339(event.recordedAt),
    })),
    openExceptions: exceptions.filter((exception) => exception.status === "pending" || exception.status === "open"),
    releasedGates: await releasesOf(database, journey),
    pendingOperations: operations.length - refused.length,
    refusedOperations: refused.map((operation) => ({
      kind: operation.kind,
      error: operation.error,
      createdAt: rfc3339FromMilliseconds(operation.created_at_milliseconds),
    })),
  };
}

export async function participantNames(database: Kysely<Database>) {
  const rows = await database
    .selectFrom("participants")
    .select(["participant_id as participantId", "gln", "name"])
    .execute();
  return new Map(rows.map((row) => [row.participantId, row]));
}

/** Gates the ledger says are released, by whom and on which record. */
export async function releasesOf(database: Kysely<Database>, journey: Journey) {
  const rows = await database
    .selectFrom("chain_releases")
    .leftJoin("chain_participants", "chain_participants.participant_index", "chain_releases.participant_index")
    .leftJoin("participants", "participants.participant_id", "chain_participants.participant_id")
    .select(["gate", "signer", "head", "released_at", "gln", "name"])
    .where("journey_id", "=", journey.journey_id)
    .orderBy("released_at")
    .orderBy("gate")
    .execute();
  return rows.map((row) => ({
    gate: journey.flow.gates[row.gate]?.gate ?? `gate ${row.gate}`,
    releasedAt: rfc3339(row.released_at),
    releasedBy: { gln: row.gln, name: row.name },
    signer: row.signer,
    head: row.head,
  }));
}
