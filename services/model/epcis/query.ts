import { canonicalEpc } from "../identity/index.ts";
import type { EventEpcs } from "./event-fields.ts";
import { epcsByRole } from "./event-fields.ts";
import type { EpcisEvent } from "./event-schema.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { CBV_NAMESPACE, VOCABULARIES, vocabularyUri } from "./vocabulary.ts";

/** Parameters whose value is a list, of which one must be met. */
export const LIST_PARAMETERS = [
  "eventType", "EQ_action", "EQ_bizStep", "EQ_disposition", "EQ_readPoint", "EQ_bizLocation", "EQ_transformationID",
  "EQ_eventID", "MATCH_epc", "MATCH_parentID", "MATCH_inputEPC", "MATCH_outputEPC", "MATCH_anyEPC",
] as const;

/** Parameters whose value is an RFC 3339 time. */
export const TIME_PARAMETERS = ["GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"] as const;

type ListFilters = Partial<Record<(typeof LIST_PARAMETERS)[number], string[]>>;
type TimeFilters = Partial<Record<(typeof TIME_PARAMETERS)[number], string>>;

/** The part of EPCIS 2.0's SimpleEventQuery that a custody user needs. */
export interface EpcisQuery extends ListFilters, TimeFilters {
  EXISTS_errorDeclaration?: boolean;
  orderBy: "eventTime" | "recordTime";
  orderDirection: "ASC" | "DESC";
  perPage: number;
  nextPageToken?: string;
}

function meansSameTerm(vocabulary: Vocabulary, left: string, right: string): boolean {
  const uri = (text: string) => vocabularyUri(vocabulary, text.startsWith("cbv:") ? CBV_NAMESPACE + text.slice(4) : text);
  return uri(left) === uri(right);
}

/** An EPC matches itself in any spelling, and an `urn:epc:idpat:…` pattern of its kind. */
function matchesEpc(epc: string, wanted: string): boolean {
  const link = canonicalEpc(wanted);
  if (epc === link) return true;
  // All keys but the CPID have a fixed length, so that a longer key of the same beginning is one of its instances.
  const stem = wanted.startsWith("urn:epc:idpat:cpi:") ? `${link}/` : link;
  return wanted.startsWith("urn:epc:idpat:") && epc.startsWith(stem);
}

function anyEpc(epcs: string[], wanted: string[] | undefined): boolean {
  return wanted === undefined || epcs.some((epc) => wanted.some((pattern) => matchesEpc(epc, pattern)));
}

function oneOf(value: unknown, wanted: string[] | undefined, same: (left: string, right: string) => boolean): boolean {
  return wanted === undefined || (typeof value === "string" && wanted.some((text) => same(value, text)));
}

const equal = (left: string, right: string) => left === right;
const sameLink = (left: string, right: string) => canonicalEpc(left) === canonicalEpc(right);
const sameTerm = (vocabulary: Vocabulary) => (left: string, right: string) => meansSameTerm(vocabulary, left, right);

function inTime(time: string, from: string | undefined, before: string | undefined): boolean {
  const instant = Date.parse(time);
  return (from === undefined || instant >= Date.parse(from)) && (before === undefined || instant < Date.parse(before));
}

function matchesFields(event: EpcisEvent, query: EpcisQuery): boolean {
  const fields: Record<string, unknown> = event;
  return (
    oneOf(event.type, query.eventType, equal) &&
    oneOf(fields["action"], query.EQ_action, equal) &&
    oneOf(event.bizStep, query.EQ_bizStep, sameTerm(VOCABULARIES.bizStep)) &&
    oneOf(event.disposition, query.EQ_disposition, sameTerm(VOCABULARIES.disposition)) &&
    oneOf(event.readPoint?.id, query.EQ_readPoint, sameLink) &&
    oneOf(event.bizLocation?.id, query.EQ_bizLocation, sameLink) &&
    oneOf(fields["transformationID"], query.EQ_transformationID, sameLink) &&
    oneOf(event.eventID, query.EQ_eventID, equal)
  );
}

function matchesEpcs(epcs: EventEpcs, query: EpcisQuery): boolean {
  return (
    anyEpc(epcs.epc, query.MATCH_epc) &&
    anyEpc(epcs.parentID, query.MATCH_parentID) &&
    anyEpc(epcs.inputEPC, query.MATCH_inputEPC) &&
    anyEpc(epcs.outputEPC, query.MATCH_outputEPC) &&
    anyEpc(Object.values(epcs).flat(), query.MATCH_anyEPC)
  );
}

/** Whether an event recorded at `recordTime` (RFC 3339) meets every parameter of the query. */
export function matchesQuery(event: EpcisEvent, recordTime: string, query: EpcisQuery): boolean {
  return (
    inTime(event.eventTime, query.GE_eventTime, query.LT_eventTime) &&
    inTime(recordTime, query.GE_recordTime, query.LT_recordTime) &&
    (query.EXISTS_errorDeclaration !== true || event.errorDeclaration !== undefined) &&
    matchesFields(event, query) &&
    matchesEpcs(epcsByRole(event), query)
  );
}
