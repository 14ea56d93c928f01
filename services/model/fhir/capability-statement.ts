import { JOURNEY_RESOURCE_TYPES, RESOURCE_TYPES } from "./journey-resources.ts";
import { SEARCH_PARAMETERS } from "./search-parameters.ts";
import { CAPABILITY_STATEMENT_URL, JOURNEY_EVERYTHING_URL } from "./systems.ts";

/** Day on which what the façade can do last changed. */
const CHANGED_ON = "2026-11-22";

/** What the façade can do (FHIR R4, CapabilityStatement). `base` is its address. */
export function capabilityStatement(base: string, version: string) {
  return {
    resourceType: "CapabilityStatement" as const,
    url: CAPABILITY_STATEMENT_URL,
    version,
    name: "Threadline",
    title: "Threadline FHIR R4 façade",
    status: "active",
    date: CHANGED_ON,
    publisher: "Threadline",
    kind: "instance",
    software: { name: "Threadline", version },
    implementation: { description: "Journeys of cell and gene therapies, read-only", url: base },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "json"],
    rest: [
      {
        mode: "server",
        documentation:
          `Everything of a journey but no more than the reader may see: GET ${base}/journeys/<journey>/$everything. ` +
          "Patients are referred to by pseudonym, never served. Every read is an AuditEvent.",
        security: { cors: false, description: "API key of a participant: Authorization: Bearer tl_…" },
        resource: RESOURCE_TYPES.map((type) => ({
          type,
          documentation: (JOURNEY_RESOURCE_TYPES as string[]).includes(type)
            ? "Made of the journey's custody events, its exceptions, releases and consents"
            : "Who read what through this façade",
          interaction: [{ code: "read" }, { code: "search-type" }],
          versioning: "no-version",
          readHistory: false,
          updateCreate: false,
          referencePolicy: ["literal", "logical"],
          searchParam: SEARCH_PARAMETERS[type].map((parameter) => ({ ...parameter })),
        })),
        operation: [{ name: "everything", definition: JOURNEY_EVERYTHING_URL }],
      },
    ],
  };
}
