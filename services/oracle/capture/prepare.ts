import { hexlify } from "ethers";
import { parseCoiIdentifier } from "../../model/identity/index.ts";
import {
  eventEpcs,
  eventHashBytes,
  eventTarget,
  parseEpcisDocument,
  parseEpcisEvent,
} from "../../model/epcis/index.ts";
import type { EpcisEvent, EpcisIssue, JsonLdContext } from "../../model/epcis/index.ts";
import { eventGenealogy } from "../../model/quality/genealogy.ts";
import type { EventGenealogy } from "../../model/quality/genealogy.ts";
import { eventBatchRecord } from "../../model/quality/event-batch-record.ts";
import type { EventBatchRecord } from "../../model/quality/event-batch-record.ts";
import { captureError } from "./capture-error.ts";
import type { CaptureError } from "./capture-error.ts";

export type CaptureErrorBehaviour = "rollback" | "proceed";

/** One valid event with everything about it that needs no database. */
export interface PreparedEvent {
  /** Place in the document. */
  index: number;
  type: string;
  /** As given, or the event hash id. */
  eventId: string;
  /** CBV 2.0 event hash: 32 bytes, and as 0x hexadecimal. */
  hashBytes: Uint8Array;
  hash: string;
  /** The event and its JSON-LD context as received, JSON text. */
  body: string;
  context: string;
  eventTimeMilliseconds: number;
  isErrorDeclaration: boolean;
  epcs: string[];
  chainOfIdentity: string | null;
  step: string | null;
  genealogy: EventGenealogy;
  /** Batch record entries the event carries, and their batch. */
  batchRecord: EventBatchRecord | null;
}

export interface PreparedDocument {
  events: PreparedEvent[];
  errors: CaptureError[];
}

/**
 * Checks a capture document. With `rollback` one bad event spoils the document; with `proceed` only an envelope that
 * cannot be read does, and bad events become errors beside the good ones. Returns the issues of a spoiled document.
 */
export function prepareDocument(
  json: unknown,
  behaviour: CaptureErrorBehaviour,
): PreparedDocument | { issues: EpcisIssue[] } {
  const list = eventListOf(json);
  if (behaviour === "rollback" || list === undefined) {
    const result = parseEpcisDocument(json);
    if (!result.ok) return { issues: result.issues };
    const received = list ?? (Array.isArray(json) ? json : [json]);
    return collect(
      result.events.map((event, index) => ({ ok: true, event, received: received[index] })),
      result.context,
    );
  }
  const { document, events } = list.length === 0 ? { document: json, events: [] } : withoutEvents(json, list);
  const envelope = parseEpcisDocument(document);
  if (!envelope.ok) return { issues: envelope.issues };
  return collect(
    events.map((received) => ({ ...parseEpcisEvent(received, envelope.context), received })),
    envelope.context,
  );
}

type Checked = ({ ok: true; event: EpcisEvent } | { ok: false; issues: EpcisIssue[] }) & { received: unknown };

function collect(checked: Checked[], context: JsonLdContext): PreparedDocument {
  const prepared: PreparedDocument = { events: [], errors: [] };
  checked.forEach((result, index) => {
    const outcome = result.ok
      ? prepareEvent(result.event, result.received, context, index)
      : captureError(index, issuesText(result.issues));
    if ("hash" in outcome) prepared.events.push(outcome);
    else prepared.errors.push(outcome);
  });
  return prepared;
}

function prepareEvent(
  event: EpcisEvent,
  received: unknown,
  documentContext: JsonLdContext,
  index: number,
): PreparedEvent | CaptureError {
  const eventTimeMilliseconds = Date.parse(event.eventTime);
  if (!(eventTimeMilliseconds >= 0)) return captureError(index, `eventTime ${event.eventTime} is before 1970`);
  const target = eventTarget(event, documentContext);
  const identity = target.chainOfIdentity === undefined ? null : parseCoiIdentifier(target.chainOfIdentity);
  if (identity?.ok === false) return captureError(index, `threadline:chainOfIdentity: ${identity.message}`);
  const carried = eventBatchRecord(event, documentContext);
  if (carried !== null && "fault" in carried) return captureError(index, carried.fault);
  const hashBytes = eventHashBytes(event, documentContext);
  const hash = hexlify(hashBytes);
  return {
    index,
    type: event.type,
    eventId: event.eventID ?? `ni:///sha-256;${hash.slice(2)}?ver=CBV2.0`,
    hashBytes,
    hash,
    body: JSON.stringify(received),
    context: JSON.stringify(documentContext ?? null),
    eventTimeMilliseconds,
    isErrorDeclaration: event.errorDeclaration !== undefined,
    epcs: [...new Set(eventEpcs(event))],
    chainOfIdentity: identity?.value.coi ?? null,
    step: target.step ?? null,
    genealogy: eventGenealogy(event),
    batchRecord: carried,
  };
}

export function issuesText(issues: readonly EpcisIssue[]): string {
  const shown = issues.slice(0, 20).map((issue) => `/${issue.path.join("/")}: ${issue.message}`);
  return issues.length > shown.length
    ? `${shown.join("; ")}; and ${issues.length - shown.length} more`
    : shown.join("; ");
}

function eventListOf(json: unknown): unknown[] | undefined {
  const body = isObject(json) ? json["epcisBody"] : undefined;
  const list = isObject(body) ? body["eventList"] : undefined;
  return Array.isArray(list) ? list : undefined;
}

function withoutEvents(json: unknown, list: unknown[]) {
  const document = json as { epcisBody: Record<string, unknown> };
  return { document: { ...document, epcisBody: { ...document.epcisBody, eventList: [] } }, events: list };
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
