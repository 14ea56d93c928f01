import { productsOf } from "./biologically-derived-product.ts";
import { consentsOf } from "./consent.ts";
import type { Resource } from "./data-types.ts";
import type { FhirJourney } from "./journey-record.ts";
import { mappingOf } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { observationsOf } from "./observation.ts";
import { proceduresOf } from "./procedure.ts";
import { provenancesOf } from "./provenance.ts";
import { serviceRequestsOf } from "./service-request.ts";
import { specimensOf } from "./specimen.ts";

/** Resources made of a journey; AuditEvent, the last the façade serves, is made of the accesses to it. */
const MAPPERS = {
  ServiceRequest: serviceRequestsOf,
  BiologicallyDerivedProduct: productsOf,
  Specimen: specimensOf,
  Procedure: proceduresOf,
  Observation: observationsOf,
  Consent: consentsOf,
  Provenance: provenancesOf,
} as const satisfies Record<string, (mapping: Mapping) => Resource[]>;

export type JourneyResourceType = keyof typeof MAPPERS;

export type ResourceType = JourneyResourceType | "AuditEvent";

export const JOURNEY_RESOURCE_TYPES = Object.keys(MAPPERS) as JourneyResourceType[];

export const RESOURCE_TYPES: readonly ResourceType[] = [...JOURNEY_RESOURCE_TYPES, "AuditEvent"];

/** The journey's resources of some types, in the order of its events: the same facts give the same resources and ids. */
export function journeyResources(journey: FhirJourney, types: readonly JourneyResourceType[] = JOURNEY_RESOURCE_TYPES): Resource[] {
  const mapping = mappingOf(journey);
  return types.flatMap((type) => MAPPERS[type](mapping));
}
