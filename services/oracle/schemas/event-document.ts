import type { EpcisEvent } from "../../model/epcis/index.ts";
import { isPlainContext } from "../../model/privacy/index.ts";
import type { EventContent } from "../../store/vault/index.ts";
import { rfc3339FromMilliseconds } from "./common.ts";

export const EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/** A stored event as EPCIS answers it: as received, with its context, eventID and recordTime. The hash is the same. */
export function eventDocument(
  row: Pick<EventContent, "body" | "context" | "eventId"> & { record_time_milliseconds: number },
): EpcisEvent {
  const { "@context": own, ...event } = JSON.parse(row.body) as Record<string, unknown>;
  const context = mergedContext(JSON.parse(row.context), own);
  return {
    ...(context === undefined ? {} : { "@context": context }),
    ...event,
    eventID: row.eventId,
    recordTime: rfc3339FromMilliseconds(row.record_time_milliseconds),
  } as EpcisEvent;
}

/** A blinded event as EPCIS answers it; a context that says more than which vocabularies are used is withheld. */
export function blindedDocument(row: { context: string; record_time_milliseconds: number }, blinded: EpcisEvent): EpcisEvent {
  const { "@context": own, ...event } = blinded;
  const document: unknown = JSON.parse(row.context);
  const context = mergedContext(isPlainContext(document) ? document : null, own);
  return {
    ...(context === undefined ? {} : { "@context": context }),
    ...event,
    recordTime: rfc3339FromMilliseconds(row.record_time_milliseconds),
  } as EpcisEvent;
}

/** The document's context with the event's own over it. */
function mergedContext(document: unknown, own: unknown): unknown {
  if (document === null || (Array.isArray(document) && document.length === 0)) return own;
  if (own === undefined || JSON.stringify(own) === JSON.stringify(document)) return document;
  return [...(Array.isArray(document) ? document : [document]), ...(Array.isArray(own) ? own : [own])];
}
