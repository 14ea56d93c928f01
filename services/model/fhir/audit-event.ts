import { compact, instant } from "./data-types.ts";
import type { Resource } from "./data-types.ts";
import { organisationReference } from "./journey-context.ts";
import type { Organisation } from "./journey-record.ts";
import { CODE_SYSTEMS, HL7_SYSTEMS, IDENTIFIER_SYSTEMS } from "./systems.ts";

/** What somebody did with the façade; codes of http://hl7.org/fhir/restful-interaction. */
export type Interaction = "read" | "search-type" | "operation";

/** One access to one journey (or to none), as the node wrote it down before it answered. */
export interface FhirAccess {
  accessId: string;
  /** Unix milliseconds. */
  occurredAt: number;
  organisation: Organisation;
  /** Duties the organisation had then. */
  roles: readonly string[];
  interaction: Interaction;
  /** Null for the whole journey. */
  resourceType: string | null;
  resourceId: string | null;
  journeyId: string | null;
  /** Names of the search parameters; what was searched for is not kept, since it may name a patient. */
  parameters: readonly string[];
  /** How many resources of the journey were answered. */
  resources: number;
  isRefused: boolean;
  pseudonymShown: boolean;
}

/** AuditEvent: who read what of a journey through the façade, refusals included (DICOM outcome 4). */
export function auditEventOf(access: FhirAccess): Resource {
  const { journeyId } = access;
  const isRead = access.interaction === "read";
  return compact({
    resourceType: "AuditEvent",
    id: access.accessId,
    type: { system: HL7_SYSTEMS.auditEventType, code: "rest" },
    subtype: [{ system: HL7_SYSTEMS.restfulInteraction, code: access.interaction }],
    action: isRead ? "R" : "E",
    recorded: instant(access.occurredAt),
    outcome: access.isRefused ? "4" : "0",
    agent: [
      {
        who: organisationReference(access.organisation),
        requestor: true,
        ...(access.roles.length === 0
          ? {}
          : { role: access.roles.map((role) => ({ coding: [{ system: CODE_SYSTEMS.role, code: role }] })) }),
      },
    ],
    source: { observer: { type: "Device", display: "Threadline oracle" } },
    entity: [
      {
        ...(journeyId === null
          ? {}
          : { what: { identifier: { system: IDENTIFIER_SYSTEMS.journey, value: journeyId }, display: "Journey" } }),
        type: { system: HL7_SYSTEMS.auditEntityType, code: "2" },
        role: { system: HL7_SYSTEMS.objectRole, code: isRead ? "3" : "24" },
        detail: detailsOf(access),
      },
    ],
  });
}

function detailsOf(access: FhirAccess) {
  const details: Record<string, string | null> = {
    "resource type": access.resourceType,
    "resource id": access.resourceId,
    parameters: access.parameters.length === 0 ? null : access.parameters.join(", "),
    resources: String(access.resources),
    "patient pseudonym shown": String(access.pseudonymShown),
  };
  return Object.entries(details).flatMap(([type, valueString]) => (valueString === null ? [] : [{ type, valueString }]));
}
