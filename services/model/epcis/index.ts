export { EVENT_TYPES } from "./event-schema.ts";
export type { EpcisEvent, EventType } from "./event-schema.ts";
export type { EpcisIssue } from "./json-guard.ts";
export { MAXIMUM_DEPTH } from "./json-guard.ts";
export type { JsonLdContext, Namespaces } from "./json-ld-context.ts";
export { expandName, namespacesOf } from "./json-ld-context.ts";
export type {
  EpcisDocument,
  EpcisDocumentResult,
  EpcisEventResult,
  EpcisFailure,
  EpcisQueryDocument,
  EpcisQueryDocumentResult,
} from "./parse.ts";
export { parseEpcisDocument, parseEpcisEvent, parseEpcisQueryDocument } from "./parse.ts";
export * from "./vocabulary.ts";
export { canonicalDigitalLink, canonicalEpc } from "../identity/index.ts";
export type { EventEpcs, EventTarget } from "./event-fields.ts";
export { epcsByRole, eventEpcs, eventTarget, eventTimeSeconds, extensionValue, THREADLINE_NAMESPACE } from "./event-fields.ts";
export { eventHashBytes, eventHashId, eventPreHash } from "./event-hash.ts";
export type { EpcisQuery } from "./query.ts";
export { matchesQuery } from "./query.ts";
export { DEFAULT_PER_PAGE, MAXIMUM_PER_PAGE, parseQuery } from "./query-parameters.ts";
