import { compact, instant } from "./data-types.ts";
import type { Resource } from "./data-types.ts";
import { eventMilliseconds, kindConcept, organisationReference, patientReference, therapyIdentifiers } from "./journey-context.ts";
import type { JourneyEvent } from "./journey-record.ts";
import { eventIdentifier, factOf, orderReferences, productReferences } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { isAdministration, isCollection, materialOf } from "./material.ts";
import { resourceId } from "./resource-id.ts";
import { CODE_SYSTEMS, EXTENSIONS } from "./systems.ts";

/** Procedure: what was done to the patient, that is the collection and the administration. */
export function proceduresOf(mapping: Mapping): Resource[] {
  return mapping.journey.events
    .filter((entry) => entry.event.errorDeclaration === undefined)
    .flatMap((entry) => {
      if (isAdministration(entry)) return [procedureOf(mapping, entry, "administration")];
      return isCollectionOfMaterial(mapping, entry) ? [procedureOf(mapping, entry, "collection")] : [];
    });
}

/** Commissioning of what was made of other material is labelling or filling, and no collection. */
function isCollectionOfMaterial({ materials }: Mapping, entry: JourneyEvent): boolean {
  const epcs = materialOf(entry);
  return isCollection(entry) && epcs.some((epc) => (materials.get(epc)?.made ?? null) === null);
}

function procedureOf(mapping: Mapping, entry: JourneyEvent, kind: "collection" | "administration"): Resource {
  const { journey } = mapping;
  return compact({
    resourceType: "Procedure",
    id: resourceId(journey.journeyId, `procedure:${factOf(entry)}`),
    extension: productReferences(mapping, entry).map((valueReference) => ({ url: EXTENSIONS.product, valueReference })),
    identifier: [...eventIdentifier(entry), ...therapyIdentifiers(journey)],
    basedOn: orderReferences(mapping),
    status: entry.isDeclaredErroneous ? "entered-in-error" : "completed",
    code: kindConcept(CODE_SYSTEMS.procedure, kind, entry.step),
    subject: patientReference(journey),
    performedDateTime: instant(eventMilliseconds(entry)),
    performer: [{ actor: organisationReference(entry.capturedBy) }],
  });
}
