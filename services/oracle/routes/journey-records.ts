import { z } from "zod";
import { openEvents } from "../../store/vault/index.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { createEventReader } from "../journeys/event-reader.ts";
import { shownExceptions } from "../journeys/shown-exceptions.ts";
import { replayCustody } from "../journeys/custody-replay.ts";
import { proofsOf } from "../journeys/proofs.ts";
import { participantNames } from "../journeys/status.ts";
import { refuseErased, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { exceptionViewSchema } from "../schemas/exceptions.ts";
import { journeyPath, momentText, rfc3339 } from "../schemas/common.ts";

const notFound = { description: "No such journey." };
const gone = { description: "Erased on the subject's request; the ledger keeps what it has." };

/** What a journey's participants and its quality desk read: events, proofs, exceptions. */
export function journeyRecordOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const events = operation({
    operationId: "listJourneyEvents",
    method: "get",
    path: "/journeys/{journeyId}/events",
    tag: "journeys",
    summary: "Custody events: what the ledger recorded beside the event disclosed here",
    parameters: journeyPath,
    responses: {
      200: { description: "In the ledger's order, then those on their way to it.", schema: eventsSchema },
      404: notFound,
      410: gone,
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      refuseErased(journey);
      const recorded = new Map((await replayCustody(database, journey)).map((event) => [event.commitment, event]));
      const people = await participantNames(database);
      const rows = await database
        .selectFrom("events")
        .selectAll()
        .where("journey_id", "=", path.journeyId)
        .orderBy("event_number")
        .execute()
        .then((found) => openEvents(database, found));
      const reader = createEventReader(parts, caller);
      const documents = new Map(await Promise.all(rows.map(async (row) => [row.event_number, await reader.document(row)] as const)));
      const disclosed = new Map(rows.map((row) => [row.commitment ?? "", row]));
      const onLedger = [...recorded.values()].map((event) => {
        const row = disclosed.get(event.commitment);
        return {
          sequence: event.sequence,
          step: event.step?.step ?? null,
          participant: people.get(event.participant)?.name ?? event.participant,
          occurredAt: rfc3339(event.occurredAt),
          recordedAt: rfc3339(event.recordedAt),
          commitment: event.commitment,
          head: event.head,
          exceptions: [...event.observations.keys()],
          event: row === undefined ? null : (documents.get(row.event_number) ?? null),
        };
      });
      const pending = rows
        .filter((row) => row.commitment !== null && !recorded.has(row.commitment))
        .map((row) => ({
          sequence: null,
          step: journey.flow.steps[row.step ?? -1]?.step ?? null,
          participant: people.get(row.captured_by)?.name ?? row.captured_by,
          occurredAt: rfc3339(Math.floor(row.event_time_milliseconds / 1000)),
          recordedAt: null,
          commitment: row.commitment,
          head: null,
          exceptions: [],
          event: documents.get(row.event_number) ?? null,
        }));
      return { status: 200, body: { events: [...onLedger, ...pending] } };
    },
  });

  const proofs = operation({
    operationId: "listJourneyProofs",
    method: "get",
    path: "/journeys/{journeyId}/proofs",
    tag: "journeys",
    summary: "Condition: per leg its device, its coverage and every segment with the state of its proof",
    parameters: journeyPath,
    responses: { 200: { description: "Legs and segments.", schema: proofsSchema }, 404: notFound },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      return { status: 200, body: await proofsOf(database, journey) };
    },
  });

  const exceptions = operation({
    operationId: "listJourneyExceptions",
    method: "get",
    path: "/journeys/{journeyId}/exceptions",
    tag: "journeys",
    summary: "Every exception: the ledger's record with the detail disclosed here",
    parameters: journeyPath,
    responses: {
      200: { description: "In the ledger's order, then those on their way to it.", schema: exceptionsSchema },
      404: notFound,
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      return { status: 200, body: { exceptions: await shownExceptions(database, caller, journey, await parts.now()) } };
    },
  });

  return [events, proofs, exceptions];
}

const eventsSchema = z.strictObject({
  events: z.array(
    z.strictObject({
      sequence: z.int().nullable(),
      step: z.string().nullable(),
      participant: z.string(),
      occurredAt: momentText,
      recordedAt: momentText.nullable(),
      commitment: z.string().nullable(),
      head: z.string().nullable(),
      exceptions: z.array(z.string()),
      event: z.looseObject({}).nullable(),
    }),
  ),
});

const proofsSchema = z.strictObject({
  legs: z.array(z.looseObject({ leg: z.string(), profile: z.string(), device: z.string().nullable() })),
  segments: z.array(z.looseObject({ leg: z.string(), status: z.string(), from: momentText, to: momentText })),
});

const exceptionsSchema = z.strictObject({ exceptions: z.array(exceptionViewSchema) });
