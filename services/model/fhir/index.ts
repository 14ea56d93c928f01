export { auditEventOf } from "./audit-event.ts";
export type { FhirAccess, Interaction } from "./audit-event.ts";
export { searchset } from "./bundle.ts";
export { capabilityStatement } from "./capability-statement.ts";
export type { Resource } from "./data-types.ts";
export type {
  FhirJourney,
  JourneyConsent,
  JourneyEvent,
  JourneyException,
  JourneyPatient,
  JourneyRelease,
  JourneyResults,
  Organisation,
} from "./journey-record.ts";
export { JOURNEY_RESOURCE_TYPES, journeyResources, RESOURCE_TYPES } from "./journey-resources.ts";
export type { JourneyResourceType, ResourceType } from "./journey-resources.ts";
export { ignoredParameters, operationOutcome } from "./operation-outcome.ts";
export { journeyRangeOf, resourceId } from "./resource-id.ts";
export { matchesSearch, parseSearch } from "./search.ts";
export type { Search } from "./search.ts";
export { SEARCH_PARAMETERS } from "./search-parameters.ts";
export { CODE_SYSTEMS, EXTENSIONS, IDENTIFIER_SYSTEMS } from "./systems.ts";
