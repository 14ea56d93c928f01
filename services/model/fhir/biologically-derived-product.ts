import { dispositionCheck, holdsRelease } from "../custody/index.ts";
import { parseSingleEuropeanCode } from "../identity/index.ts";
import { compact, concept, instant } from "./data-types.ts";
import type { Extension, Identifier, Resource } from "./data-types.ts";
import {
  activityConcept,
  businessStep,
  eventMilliseconds,
  masterData,
  organisationReference,
  patientReference,
  therapyIdentifiers,
  uriIdentifier,
} from "./journey-context.ts";
import type { FhirJourney, JourneyEvent } from "./journey-record.ts";
import { donationIdentifiers, orderReferences, productId, productReference } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import type { Material } from "./material.ts";
import { CODE_SYSTEMS, EXTENSIONS, IDENTIFIER_SYSTEMS } from "./systems.ts";

/** Product classes that R4 has a category for; of any other the category is left out. */
const CATEGORIES: Readonly<Record<string, string>> = { leukapheresis: "cells" };

/** BiologicallyDerivedProduct (R4, maturity 0): one for each piece of the patient's material. */
export function productsOf(mapping: Mapping): Resource[] {
  return [...mapping.materials.values()].map((material) => productOf(mapping, material));
}

function productOf(mapping: Mapping, material: Material): Resource {
  const { journey } = mapping;
  const origin = material.made ?? material.collected;
  const productClass = origin === null ? undefined : masterData(origin, "productClass");
  const donation = donationIdentifiers(mapping);
  const category = productClass === undefined ? undefined : CATEGORIES[productClass];
  return compact({
    resourceType: "BiologicallyDerivedProduct",
    id: productId(journey, material.epc),
    extension: extensionsOf(mapping, material, donation),
    identifier: [
      uriIdentifier(material.epc),
      ...(material.collected === null ? [] : donation),
      ...europeanCode(origin),
      ...therapyIdentifiers(journey),
    ],
    productCategory: category,
    productCode: productClass === undefined ? undefined : concept(CODE_SYSTEMS.productClass, productClass),
    status: isAvailable(journey, material) ? "available" : "unavailable",
    request: orderReferences(mapping),
    parent: material.parents.map((epc) => productReference(mapping, epc)),
    collection:
      material.collected === null
        ? undefined
        : { source: patientReference(journey), collectedDateTime: instant(eventMilliseconds(material.collected)) },
    processing: material.made === null ? [] : [processingOf(material.made)],
    storage: material.events
      .filter((entry) => businessStep(entry) === "storing")
      .map((entry) => ({
        ...(entry.step === null ? {} : { description: entry.step.title }),
        duration: { start: instant(eventMilliseconds(entry)) },
      })),
  });
}

/** Elements of R5 and of the R6 ballot, as extensions. */
function extensionsOf({ journey }: Mapping, material: Material, donation: Identifier[]): Extension[] {
  const [therapy] = therapyIdentifiers(journey);
  const source = donation.length === 1 ? donation[0] : undefined;
  const expiry = material.made === null ? undefined : masterData(material.made, "expirationDate");
  return [
    ...(therapy === undefined ? [] : [{ url: EXTENSIONS.therapyIdentifier, valueIdentifier: therapy }]),
    ...(source === undefined ? [] : [{ url: EXTENSIONS.biologicalSourceEvent, valueIdentifier: source }]),
    ...(material.made === null
      ? []
      : [{ url: EXTENSIONS.processingFacility, valueReference: organisationReference(material.made.capturedBy) }]),
    ...(expiry === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(expiry) || Number.isNaN(Date.parse(expiry))
      ? []
      : [{ url: EXTENSIONS.expirationDate, valueDateTime: expiry }]),
    ...(material.state === null
      ? []
      : [{ url: EXTENSIONS.materialState, valueCodeableConcept: concept(CODE_SYSTEMS.materialState, material.state) }]),
  ];
}

function processingOf(made: JourneyEvent) {
  const procedure = activityConcept(made);
  return {
    ...(made.step === null ? {} : { description: made.step.title }),
    ...(procedure === undefined ? {} : { procedure }),
    timeDateTime: instant(eventMilliseconds(made)),
  };
}

function europeanCode(entry: JourneyEvent | null): Identifier[] {
  const text = entry === null ? undefined : masterData(entry, "singleEuropeanCode");
  if (text === undefined || !parseSingleEuropeanCode(text).ok) return [];
  return [{ system: IDENTIFIER_SYSTEMS.singleEuropeanCode, value: text }];
}

/**
 * Available for use only when every gate that no other gate follows is released on the ledger, neither disposition nor
 * recall nor an open exception holds it, and the material is there: no proof means no release.
 */
export function isAvailable({ flow, releases, exceptions, disposition }: FhirJourney, { state }: Material): boolean {
  if (state !== "made" && state !== "collected") return false;
  const last = flow.gates.filter(({ gate }) => !flow.gates.some((other) => other.requiredGates.includes(gate)));
  const released = new Set(releases.map(({ gate }) => gate));
  return (
    last.length > 0 &&
    last.every((gate) => released.has(gate.gate) && !HELD.has(dispositionCheck(disposition, gate))) &&
    !exceptions.some((exception) => isOpen(exception.status) && holdsRelease(exception.class))
  );
}

/** What the disposition says of a gate while the batch may not be used. */
const HELD = new Set<ReturnType<typeof dispositionCheck>>(["pending", "not-compliant"]);

function isOpen(status: string): boolean {
  return status !== "resolved" && status !== "accepted";
}
