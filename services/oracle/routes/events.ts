import type { Kysely } from "kysely";
import { z } from "zod";
import { matchesQuery, parseQuery } from "../../model/epcis/index.ts";
import type { EpcisEvent, EpcisQuery } from "../../model/epcis/index.ts";
import type { Database } from "../../store/schema.ts";
import { eventIdIndex, openEvents, vaultOf } from "../../store/vault/index.ts";
import { sees, seesEveryJourney } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { epcisProblem } from "../http/problem.ts";
import { createEventReader } from "../journeys/event-reader.ts";
import type { EventReader } from "../journeys/event-reader.ts";
import { journeysOf } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { EPCIS_CONTEXT } from "../schemas/event-document.ts";
import { linkToNext } from "../schemas/paging.ts";
import { rfc3339FromMilliseconds } from "../schemas/common.ts";

/** Rows read from the database at a time while a page is filled. */
const ROWS_AT_A_TIME = 500;

/** Rows one request looks at; a page may then be short, and its token goes on from there. */
const ROWS_PER_REQUEST = 20_000;

const listOf = z.string().meta({ description: "one or several values, separated by |" }).optional();
const time = z.string().meta({ description: "RFC 3339" }).optional();

const queryDocument = z.strictObject({
  eventType: listOf,
  EQ_action: listOf,
  EQ_bizStep: listOf,
  EQ_disposition: listOf,
  EQ_readPoint: listOf,
  EQ_bizLocation: listOf,
  EQ_transformationID: listOf,
  EQ_eventID: listOf,
  MATCH_epc: listOf,
  MATCH_parentID: listOf,
  MATCH_inputEPC: listOf,
  MATCH_outputEPC: listOf,
  MATCH_anyEPC: listOf,
  GE_eventTime: time,
  LT_eventTime: time,
  GE_recordTime: time,
  LT_recordTime: time,
  EXISTS_errorDeclaration: z.enum(["true", "false"]).optional(),
  orderBy: z.enum(["eventTime", "recordTime"]).optional(),
  orderDirection: z.enum(["ASC", "DESC"]).optional(),
  perPage: z.string().optional(),
  nextPageToken: z.string().optional(),
});

const documentSchema = z.looseObject({ type: z.literal("EPCISQueryDocument"), schemaVersion: z.literal("2.0") });

/** The query interface of EPCIS 2.0, over the events a caller may see. */
export function eventOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const query = operation({
    operationId: "queryEvents",
    method: "get",
    path: "/events",
    tag: "EPCIS",
    summary: "Query events (EPCIS 2.0 SimpleEventQuery parameters)",
    epcis: true,
    query: z.record(z.string(), z.string()),
    queryDocument,
    responses: { 200: { description: "A page of events; Link names the next.", schema: documentSchema } },
    async handle({ query: parameters, caller }) {
      const asked = parseQuery(Object.entries(parameters));
      const page = await findPage(database, caller, createEventReader(parts, caller), asked);
      return { status: 200, headers: linkToNext("/events", parameters, page.next), body: queryResult(page.events), journeyIds: page.journeyIds };
    },
  });

  const get = operation({
    operationId: "getEvent",
    method: "get",
    path: "/events/{eventID}",
    tag: "EPCIS",
    summary: "One event, and its error declaration if there is one",
    epcis: true,
    parameters: z.strictObject({ eventID: z.string().min(1).max(2000) }),
    responses: {
      200: { description: "The event.", schema: documentSchema },
      404: { description: "No such event that you may see." },
    },
    async handle({ path, caller }) {
      const reader = createEventReader(parts, caller);
      const commitment = /\/(0x[0-9a-f]{64})$/.exec(path.eventID)?.[1] ?? "";
      const rows = await visibleEvents(database, caller)
        .where((where) =>
          where.or([where("event_id_index", "=", eventIdIndex(vaultOf(database), path.eventID)), where("commitment", "=", commitment)]),
        )
        .orderBy("event_number")
        .execute()
        .then((found) => openEvents(database, found));
      const documents = await Promise.all(rows.map((row) => reader.document(row)));
      // By the name the caller knows it under: a guessed one is not confirmed.
      const found = documents.filter(({ eventID }) => eventID === path.eventID);
      if (found.length === 0)
        throw epcisProblem(404, "NoSuchResourceException", `there is no event ${path.eventID} that you may see`);
      return { status: 200, body: queryResult(found), journeyIds: rows.flatMap(({ journey_id: journeyId }) => journeyId ?? []) };
    },
  });

  return [query, get];
}

function visibleEvents(database: Kysely<Database>, caller: Caller) {
  const events = database.selectFrom("events").selectAll();
  if (caller.kind === "operator") return events;
  const { participantId } = caller;
  if (seesEveryJourney(caller))
    return sees(caller, "content")
      ? events
      : events.where((where) => where.or([where("captured_by", "=", participantId), where("journey_id", "is not", null)]));
  return events.where((where) =>
    where.or([
      where("captured_by", "=", participantId),
      where("journey_id", "in", journeysOf(database, participantId)),
    ]),
  );
}

function queryResult(eventList: EpcisEvent[]) {
  return {
    "@context": [EPCIS_CONTEXT],
    type: "EPCISQueryDocument",
    schemaVersion: "2.0",
    creationDate: new Date().toISOString(),
    epcisBody: { queryResults: { queryName: "SimpleEventQuery", resultsBody: { eventList } } },
  };
}

/** Where a page begins: after the row with this time and number. */
interface Place {
  milliseconds: number;
  number: number;
}

async function findPage(
  database: Kysely<Database>,
  caller: Caller,
  reader: EventReader,
  query: EpcisQuery,
): Promise<{ events: EpcisEvent[]; journeyIds: string[]; next: string | null }> {
  const events: EpcisEvent[] = [];
  const journeyIds: string[] = [];
  let place = query.nextPageToken === undefined ? null : readToken(query.nextPageToken);
  for (let looked = 0; looked < ROWS_PER_REQUEST; looked += ROWS_AT_A_TIME) {
    const rows = await rowsAfter(database, caller, query, place);
    const opened = new Map((await openEvents(database, rows)).map((row) => [row.event_number, row]));
    for (const row of rows) {
      const content = opened.get(row.event_number);
      // Matched as it is shown, so that no question confirms what is withheld.
      const event = content === undefined ? undefined : await reader.document(content);
      if (event !== undefined && matchesQuery(event, rfc3339FromMilliseconds(row.record_time_milliseconds), query)) {
        if (events.length === query.perPage) return { events, journeyIds, next: tokenOf(place) };
        events.push(event);
        if (row.journey_id !== null) journeyIds.push(row.journey_id);
      }
      const milliseconds = query.orderBy === "eventTime" ? row.event_time_milliseconds : row.record_time_milliseconds;
      place = { milliseconds, number: row.event_number };
    }
    if (rows.length < ROWS_AT_A_TIME) return { events, journeyIds, next: null };
  }
  return { events, journeyIds, next: tokenOf(place) };
}

function rowsAfter(database: Kysely<Database>, caller: Caller, query: EpcisQuery, place: Place | null) {
  const column = query.orderBy === "eventTime" ? "event_time_milliseconds" : "record_time_milliseconds";
  const direction = query.orderDirection === "ASC" ? "asc" : "desc";
  const beyond = direction === "asc" ? ">" : "<";
  let rows = visibleEvents(database, caller);
  if (query.eventType !== undefined) rows = rows.where("event_type", "in", query.eventType);
  if (query.EQ_eventID !== undefined && sees(caller, "content")) rows = rows.where("event_id_index", "in", query.EQ_eventID.map((eventId) => eventIdIndex(vaultOf(database), eventId)));
  if (query.GE_eventTime !== undefined)
    rows = rows.where("event_time_milliseconds", ">=", Math.floor(Date.parse(query.GE_eventTime)));
  if (query.LT_eventTime !== undefined)
    rows = rows.where("event_time_milliseconds", "<=", Math.ceil(Date.parse(query.LT_eventTime)));
  if (place !== null)
    rows = rows.where((where) =>
      where.or([
        where(column, beyond, place.milliseconds),
        where.and([where(column, "=", place.milliseconds), where("event_number", beyond, place.number)]),
      ]),
    );
  return rows.orderBy(column, direction).orderBy("event_number", direction).limit(ROWS_AT_A_TIME).execute();
}

function tokenOf(place: Place | null): string | null {
  return place === null ? null : Buffer.from(`${place.milliseconds}.${place.number}`).toString("base64url");
}

function readToken(token: string): Place {
  const [, milliseconds, number] =
    /^(\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(token, "base64url").toString("latin1")) ?? [];
  if (milliseconds === undefined || number === undefined)
    throw epcisProblem(400, "QueryParameterException", "nextPageToken is not one this server gave out");
  return { milliseconds: Number(milliseconds), number: Number(number) };
}
