import { z } from "zod";
import { undeclaredPrefixes } from "./declared-prefixes.ts";
import type { EpcisEvent } from "./event-schema.ts";
import { EVENT_SCHEMAS, EVENT_TYPES, jsonLdContext } from "./event-schema.ts";
import type { EpcisIssue } from "./json-guard.ts";
import { guardJson } from "./json-guard.ts";
import type { JsonLdContext } from "./json-ld-context.ts";
import { dateTime, uri } from "./primitives.ts";
import { extensible } from "./strict-object.ts";

const vocabularyElement = z.looseObject({
  id: uri,
  attributes: z
    .array(z.looseObject({ id: uri, attribute: z.union([z.number(), z.string(), z.record(z.string(), z.unknown())]).optional() }))
    .optional(),
  children: z.array(uri).optional(),
});
const vocabularyList = z.array(
  z.looseObject({ type: uri, vocabularyElementList: z.array(vocabularyElement).optional() }),
);

const envelope = {
  "@context": jsonLdContext,
  id: uri.optional(),
  schemaVersion: z.string().regex(/^2(\.\d+)*$/, "Threadline reads EPCIS 2.x documents"),
  creationDate: dateTime,
};

const documentSchema = extensible({
  ...envelope,
  type: z.literal("EPCISDocument"),
  instanceIdentifier: z.string().optional(),
  sender: z.string().optional(),
  receiver: z.string().optional(),
  epcisHeader: extensible({ epcisMasterData: z.looseObject({ vocabularyList: vocabularyList.optional() }).optional() }).optional(),
  epcisBody: extensible({ eventList: z.array(z.unknown()) }),
});

const queryDocumentSchema = extensible({
  ...envelope,
  type: z.literal("EPCISQueryDocument"),
  schemaVersion: envelope.schemaVersion.optional(),
  creationDate: envelope.creationDate.optional(),
  epcisBody: extensible({
    queryResults: extensible({
      queryName: z.string(),
      subscriptionID: z.string().optional(),
      resultsBody: extensible({ eventList: z.array(z.unknown()), vocabularyList: vocabularyList.optional() }),
    }),
  }),
});

export type EpcisDocument = z.infer<typeof documentSchema>;
export type EpcisQueryDocument = z.infer<typeof queryDocumentSchema>;

export type EpcisFailure = { ok: false; issues: EpcisIssue[] };

/** `context` is the document's `@context`; a bare event's is its own, which it keeps. `document` is null for bare events. */
export type EpcisDocumentResult =
  | { ok: true; document: EpcisDocument | null; context: JsonLdContext; events: EpcisEvent[] }
  | EpcisFailure;

export type EpcisQueryDocumentResult =
  | { ok: true; document: EpcisQueryDocument; context: JsonLdContext; events: EpcisEvent[] }
  | EpcisFailure;

export type EpcisEventResult = { ok: true; event: EpcisEvent } | EpcisFailure;

const MESSAGE_LENGTH = 300;
const ISSUES_REPORTED = 100;

/** Messages quote what was sent, so both their length and their number are bounded. */
function failure(issues: EpcisIssue[]): EpcisFailure {
  const shorten = (text: string) => (text.length > MESSAGE_LENGTH ? `${text.slice(0, MESSAGE_LENGTH)}…` : text);
  const bounded = issues.slice(0, ISSUES_REPORTED).map(({ path, message }) => ({
    path: path.map((part) => (typeof part === "string" ? shorten(part) : part)),
    message: shorten(message),
  }));
  return { ok: false, issues: bounded };
}

function issuesOf(error: z.ZodError, path: (string | number)[]): EpcisIssue[] {
  return error.issues.map((issue) => ({
    path: [...path, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))],
    message: issue.message,
  }));
}

function refuse(path: (string | number)[], message: string): EpcisFailure {
  return failure([{ path, message }]);
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function checkEvent(json: unknown, context: JsonLdContext, path: (string | number)[]): EpcisEventResult {
  if (!isObject(json)) return refuse(path, "An event must be an object");
  const type = EVENT_TYPES.find((known) => known === json["type"]);
  if (type === undefined) {
    return refuse([...path, "type"], `"${String(json["type"])}" is no event type; use one of ${EVENT_TYPES.join(", ")}`);
  }
  const result = EVENT_SCHEMAS[type].safeParse(json);
  if (!result.success) return failure(issuesOf(result.error, path));
  const issues = undeclaredPrefixes(json, [context], path);
  return issues.length > 0 ? failure(issues) : { ok: true, event: result.data as EpcisEvent };
}

function checkEvents(list: unknown[], context: JsonLdContext, path: (string | number)[]): EpcisFailure | EpcisEvent[] {
  const results = list.map((json, index) => checkEvent(json, context, [...path, index]));
  const issues = results.flatMap((result) => (result.ok ? [] : result.issues));
  return issues.length > 0 ? failure(issues) : results.flatMap((result) => (result.ok ? [result.event] : []));
}

/**
 * Checks one event (EPCIS 2.0 JSON-LD) against the context of the document it comes from, or its own.
 * Every issue names the field and what would be right.
 */
export function parseEpcisEvent(json: unknown, context: JsonLdContext): EpcisEventResult {
  const guard = guardJson(json);
  return guard === null ? checkEvent(json, context, []) : failure([guard]);
}

function parseBareEvents(json: unknown): EpcisDocumentResult {
  const list = Array.isArray(json) ? json : [json];
  if (list.length === 0) return refuse([], "The list holds no event");
  const missing = list.findIndex((event) => isObject(event) && event["@context"] === undefined);
  const pathOf = (index: number) => (Array.isArray(json) ? [index] : []);
  if (missing >= 0) return refuse([...pathOf(missing), "@context"], "An event outside a document needs its own @context");
  const events: EpcisEvent[] = [];
  for (const [index, event] of list.entries()) {
    const result = checkEvent(event, [], pathOf(index));
    if (!result.ok) return result;
    events.push(result.event);
  }
  return { ok: true, document: null, context: Array.isArray(json) ? [] : events[0]?.["@context"], events };
}

/** Checks an EPCISDocument, or a bare event or list of events each with its own `@context`. */
export function parseEpcisDocument(json: unknown): EpcisDocumentResult {
  const guard = guardJson(json);
  if (guard !== null) return failure([guard]);
  if (Array.isArray(json) || (isObject(json) && json["type"] !== "EPCISDocument")) return parseBareEvents(json);
  const result = documentSchema.safeParse(json);
  if (!result.success) return failure(issuesOf(result.error, []));
  const document = result.data;
  const context = document["@context"];
  const outside = { ...document, epcisBody: { ...document.epcisBody, eventList: [] } };
  const issues = undeclaredPrefixes(outside, [], []);
  const events = checkEvents(document.epcisBody.eventList, context, ["epcisBody", "eventList"]);
  if (!Array.isArray(events)) return failure([...issues, ...events.issues]);
  return issues.length > 0 ? failure(issues) : { ok: true, document, context, events };
}

/** Checks an EPCISQueryDocument, the form query results are answered in. */
export function parseEpcisQueryDocument(json: unknown): EpcisQueryDocumentResult {
  const guard = guardJson(json);
  if (guard !== null) return failure([guard]);
  const result = queryDocumentSchema.safeParse(json);
  if (!result.success) return failure(issuesOf(result.error, []));
  const document = result.data;
  const context = document["@context"];
  const path = ["epcisBody", "queryResults", "resultsBody", "eventList"];
  const events = checkEvents(document.epcisBody.queryResults.resultsBody.eventList, context, path);
  return Array.isArray(events) ? { ok: true, document, context, events } : events;
}
