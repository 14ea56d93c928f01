import type { Identifier, Reference } from "./data-types.ts";
import type { FhirJourney, JourneyEvent } from "./journey-record.ts";
import { businessTransaction, uriIdentifier } from "./journey-context.ts";
import { materialOf, materialsOf } from "./material.ts";
import type { Material } from "./material.ts";
import { resourceId } from "./resource-id.ts";
import { IDENTIFIER_SYSTEMS } from "./systems.ts";

/** A journey while its resources are made: its material and how resources refer to each other. */
export interface Mapping {
  journey: FhirJourney;
  materials: ReadonlyMap<string, Material>;
  orders: readonly JourneyEvent[];
}

export function mappingOf(journey: FhirJourney): Mapping {
  return {
    journey,
    materials: new Map(materialsOf(journey).map((material) => [material.epc, material])),
    orders: journey.events.filter(isOrder),
  };
}

/** An event and its error declaration have one hash; this tells them apart. */
export function factOf({ key, event }: JourneyEvent): string {
  return event.errorDeclaration === undefined ? key : `${key}:error`;
}

export function eventIdentifier({ event }: JourneyEvent): Identifier[] {
  return event.eventID === undefined ? [] : [uriIdentifier(event.eventID)];
}

/** The therapy order: a transaction that ties a purchase order to the therapy (CBV 2.0, business transaction type `po`). */
export function isOrder(entry: JourneyEvent): boolean {
  const { event } = entry;
  return (
    event.type === "TransactionEvent" &&
    event.action === "ADD" &&
    event.errorDeclaration === undefined &&
    businessTransaction(entry, "po") !== undefined
  );
}

export const productId = (journey: FhirJourney, epc: string) => resourceId(journey.journeyId, `product:${epc}`);
export const orderId = (journey: FhirJourney, entry: JourneyEvent) => resourceId(journey.journeyId, `order:${factOf(entry)}`);
export const specimenId = (journey: FhirJourney, epc: string) => resourceId(journey.journeyId, `specimen:${epc}`);

/** By the resource served here; by its EPC when no event that stands tells of it. */
export function productReference({ journey, materials }: Mapping, epc: string): Reference {
  return materials.has(epc)
    ? { reference: `BiologicallyDerivedProduct/${productId(journey, epc)}` }
    : { type: "BiologicallyDerivedProduct", identifier: uriIdentifier(epc) };
}

export function productReferences(mapping: Mapping, entry: JourneyEvent): Reference[] {
  return materialOf(entry).map((epc) => productReference(mapping, epc));
}

export function orderReferences({ journey, orders }: Mapping): Reference[] {
  return orders
    .filter((order) => !order.isDeclaredErroneous)
    .map((order) => ({ reference: `ServiceRequest/${orderId(journey, order)}` }));
}

/** Specimens of the collected material an event is about. */
export function specimenReferences({ journey, materials }: Mapping, entry: JourneyEvent): Reference[] {
  return materialOf(entry)
    .filter((epc) => (materials.get(epc)?.collected ?? null) !== null)
    .map((epc) => ({ reference: `Specimen/${specimenId(journey, epc)}` }));
}

/** Donation numbers of collected material; none where it cannot be told which collection a number is of. */
export function donationIdentifiers({ journey, materials }: Mapping): Identifier[] {
  const numbers = journey.donationIdentificationNumbers;
  const collections = [...materials.values()].filter(({ collected }) => collected !== null).length;
  if (collections > 1 && numbers.length > 1) return [];
  return numbers.map((value) => ({ system: IDENTIFIER_SYSTEMS.donationIdentificationNumber, value }));
}
