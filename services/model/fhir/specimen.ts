import { compact, instant } from "./data-types.ts";
import type { Resource } from "./data-types.ts";
import { businessStep, eventMilliseconds, kindConcept, patientReference, therapyIdentifiers, uriIdentifier } from "./journey-context.ts";
import type { JourneyEvent } from "./journey-record.ts";
import { donationIdentifiers, eventIdentifier, factOf, orderReferences, specimenId, specimenReferences } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import type { Material } from "./material.ts";
import { resourceId } from "./resource-id.ts";
import { CODE_SYSTEMS } from "./systems.ts";

/** Specimen: material as it was collected from the patient, and every sample drawn (CBV 2.0 `sampling`). */
export function specimensOf(mapping: Mapping): Resource[] {
  const collected = [...mapping.materials.values()].flatMap((material) =>
    material.collected === null ? [] : [collectedSpecimen(mapping, material, material.collected)],
  );
  const samples = mapping.journey.events.filter(
    (entry) => businessStep(entry) === "sampling" && entry.event.errorDeclaration === undefined,
  );
  return [...collected, ...samples.map((entry) => sampleOf(mapping, entry))];
}

function collectedSpecimen(mapping: Mapping, { epc, state }: Material, entry: JourneyEvent): Resource {
  const { journey } = mapping;
  return compact({
    resourceType: "Specimen",
    id: specimenId(journey, epc),
    identifier: [uriIdentifier(epc), ...donationIdentifiers(mapping), ...therapyIdentifiers(journey)],
    status: state === "collected" ? "available" : "unavailable",
    type: kindConcept(CODE_SYSTEMS.specimenType, "starting-material", entry.step),
    subject: patientReference(journey),
    request: orderReferences(mapping),
    collection: { collectedDateTime: instant(eventMilliseconds(entry)) },
  });
}

function sampleOf(mapping: Mapping, entry: JourneyEvent): Resource {
  const { journey } = mapping;
  return compact({
    resourceType: "Specimen",
    id: resourceId(journey.journeyId, `sample:${factOf(entry)}`),
    identifier: [...eventIdentifier(entry), ...therapyIdentifiers(journey)],
    status: entry.isDeclaredErroneous ? "entered-in-error" : undefined,
    type: kindConcept(CODE_SYSTEMS.specimenType, "sample", entry.step),
    subject: patientReference(journey),
    parent: specimenReferences(mapping, entry),
    request: orderReferences(mapping),
    collection: { collectedDateTime: instant(eventMilliseconds(entry)) },
  });
}
