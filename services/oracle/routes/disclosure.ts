import { z } from "zod";
import { fieldDisclosureSchema, JOURNEY_PARTS, partOfDetail } from "../../model/privacy/index.ts";
import { sees } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { createEventReader } from "../journeys/event-reader.ts";
import type { EventReader, ReadableEvent } from "../journeys/event-reader.ts";
import { journeyCipher, openEvents, sealedDetail, SEALED_EVENT_COLUMNS } from "../../store/vault/index.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { seesOf, visibleJourney } from "../journeys/visible.ts";
import type { Journey } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath, momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

/**
 * What an auditor needs beside the chain to check a journey: the events and exception details behind the commitments,
 * with their salts, as text, byte for byte as stored. To who may not see an identity each event is disclosed by the fields
 * that name nobody, with their proofs. The readings stay where they are.
 */
export function disclosureOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const disclose = operation({
    operationId: "getDisclosure",
    method: "get",
    path: "/journeys/{journeyId}/disclosure",
    tag: "audit",
    summary: "Events, exception details and salts behind the commitments on the ledger",
    parameters: journeyPath,
    responses: {
      200: { description: "The disclosure.", schema: disclosureSchema },
      404: { description: "No such journey." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      return { status: 200, body: await disclosureOf(parts, caller, journey) };
    },
  });
  return [disclose];
}

/** The disclosure of one journey as far as the caller's view goes; whoever calls has judged that the journey may be seen. */
export async function disclosureOf(parts: Pick<OracleParts, "database" | "patients">, caller: Caller, journey: Journey) {
  const { database } = parts;
  const reader = createEventReader(parts, caller);
  const isKnown = await seesOf(database, caller, journey.journey_id, "identity");
  const withheld = JOURNEY_PARTS.filter((part) => !sees(caller, part) || (!isKnown && (part === "identity" || part === "content")));
  const journeyId = journey.journey_id;
  const events = await database
    .selectFrom("events")
    .leftJoin("chain_custody_events", "chain_custody_events.commitment", "events.commitment")
    .leftJoin("participants", "participants.participant_id", "events.captured_by")
    .select([
      "sequence",
      "events.commitment as commitment",
      ...SEALED_EVENT_COLUMNS,
      "record_time_milliseconds",
      "captured_by",
      "gln",
    ])
    .where("events.journey_id", "=", journeyId)
    .orderBy("event_number")
    .execute()
    .then((rows) => openEvents(database, rows));
  const details = await database
    .selectFrom("exception_details")
    .selectAll()
    .where("journey_id", "=", journeyId)
    .orderBy("created_at_milliseconds")
    .orderBy("exception_key")
    .execute();
  const cipher = await journeyCipher(database, [journeyId]);
  const segments = await database
    .selectFrom("segments")
    .select(["readings_commitment", "leg", "giai", "from_tick", "to_tick", "status", "reason"])
    .where("journey_id", "=", journeyId)
    .orderBy("leg")
    .orderBy("from_tick")
    .execute();
  return {
    journeyId,
    flowDocumentHash: journey.flow_document_hash,
    erasedAt:
      journey.erased_at_milliseconds === null ? null : rfc3339FromMilliseconds(journey.erased_at_milliseconds),
    /** Parts of the journey outside the caller's view; what is missing of them is no divergence. */
    withheld,
    events: await Promise.all(
      events.map(async (row) => ({
        sequence: row.sequence,
        commitment: row.commitment,
        ...(await contentOf(reader, row)),
        recordTime: rfc3339FromMilliseconds(row.record_time_milliseconds),
        capturedBy: row.captured_by,
        capturedByGln: row.gln,
        isErrorDeclaration: row.is_error_declaration,
      })),
    ),
    exceptionDetails: details.flatMap((row) => {
      if (withheld.includes(partOfDetail(row.code))) return [];
      const content = sealedDetail.open(cipher, journeyId, row.exception_key, row.sealed_detail);
      if (content === null) return [];
      return {
        exceptionKey: row.exception_key,
        code: row.code,
        class: row.class,
        leg: row.leg,
        occurredAt: row.occurred_at,
        detail: content.detail,
        salt: content.salt,
      };
    }),
    segments: segments.map((row) => ({
      readingsCommitment: row.readings_commitment,
      leg: row.leg,
      giai: row.giai,
      fromTick: row.from_tick,
      toTick: row.to_tick,
      status: row.status,
      reason: row.reason,
    })),
  };
}

/** The event whole, or the leaves of its commitment that name nobody. */
async function contentOf(reader: EventReader, row: ReadableEvent) {
  const { journey_id, salt, eventHash, eventId, body, context } = row;
  if (await reader.readsWhole(row)) return { salt, eventHash, eventId, body, context };
  if (journey_id === null || salt === null) throw new RangeError("an event of a journey has a salt");
  return { shown: await reader.disclosure({ ...row, journey_id, salt }) };
}

const text = z.string();

const disclosureSchema = z.strictObject({
  journeyId: text,
  flowDocumentHash: text,
  erasedAt: momentText.nullable().meta({ description: "when bodies, salts and keys were erased on the subject's request" }),
  withheld: z.array(z.enum(JOURNEY_PARTS)).meta({ description: "parts of the journey outside the caller's view" }),
  events: z.array(
    z.strictObject({
      sequence: z.int().nullable(),
      commitment: text.nullable(),
      salt: text.nullable().optional(),
      eventHash: text.optional(),
      eventId: text.optional(),
      body: text.optional().meta({ description: "the event as received, JSON text" }),
      context: text.optional().meta({ description: "the document's JSON-LD context, JSON text" }),
      shown: fieldDisclosureSchema.optional().meta({ description: "instead of all that: the fields within the caller's view, each with its proof" }),
      recordTime: momentText,
      capturedBy: text,
      capturedByGln: text.nullable(),
      isErrorDeclaration: z.boolean(),
    }),
  ),
  exceptionDetails: z.array(
    z.strictObject({
      exceptionKey: text,
      code: text,
      class: text,
      leg: z.int().nullable(),
      occurredAt: z.int(),
      detail: text.meta({ description: "canonical JSON that the detail commitment is made of" }),
      salt: text,
    }),
  ),
  segments: z.array(
    z.strictObject({
      readingsCommitment: text,
      leg: z.int(),
      giai: text,
      fromTick: z.int(),
      toTick: z.int(),
      status: text,
      reason: text.nullable(),
    }),
  ),
});
