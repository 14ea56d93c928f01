import { compact, instant } from "./data-types.ts";
import type { Identifier, Resource } from "./data-types.ts";
import {
  activityConcept,
  businessTransaction,
  eventMilliseconds,
  organisationReference,
  patientReference,
  therapyIdentifiers,
} from "./journey-context.ts";
import type { JourneyEvent } from "./journey-record.ts";
import { orderId } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { isAdministration, materialOf } from "./material.ts";
import { HL7_SYSTEMS, IDENTIFIER_SYSTEMS } from "./systems.ts";

/** ServiceRequest: the therapy order, under the order number its placer gave it. */
export function serviceRequestsOf(mapping: Mapping): Resource[] {
  const { journey, orders } = mapping;
  return orders.map((entry) =>
    compact({
      resourceType: "ServiceRequest",
      id: orderId(journey, entry),
      identifier: [...placerIdentifier(entry), ...therapyIdentifiers(journey)],
      instantiatesUri: [`urn:threadline:flow:${journey.flow.name}:${journey.flow.version}`],
      status: statusOf(mapping, entry),
      intent: "order",
      code: activityConcept(entry),
      subject: patientReference(journey),
      authoredOn: instant(eventMilliseconds(entry)),
      requester: organisationReference(entry.capturedBy),
    }),
  );
}

function placerIdentifier(entry: JourneyEvent): Identifier[] {
  const order = businessTransaction(entry, "po");
  const type = { coding: [{ system: HL7_SYSTEMS.identifierType, code: "PLAC" }] };
  return order === undefined ? [] : [{ system: IDENTIFIER_SYSTEMS.uri, value: order, type }];
}

/** Completed when the product was given, revoked when the same order was taken back (`DELETE`), else active. */
function statusOf({ journey, materials }: Mapping, entry: JourneyEvent): string {
  if (entry.isDeclaredErroneous) return "entered-in-error";
  const standing = journey.events.filter(
    (other) => other.event.errorDeclaration === undefined && !other.isDeclaredErroneous,
  );
  if (standing.some((other) => isAdministration(other) && materialOf(other).some((epc) => materials.has(epc)))) return "completed";
  const order = businessTransaction(entry, "po");
  const isRevoked = standing.some(
    (other) =>
      other.event.type === "TransactionEvent" &&
      other.event.action === "DELETE" &&
      businessTransaction(other, "po") === order,
  );
  return isRevoked ? "revoked" : "active";
}
