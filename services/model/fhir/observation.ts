import { compact, concept, instant } from "./data-types.ts";
import type { Resource } from "./data-types.ts";
import {
  activityConcept,
  businessStep,
  disposition,
  eventMilliseconds,
  organisationReference,
  patientReference,
  therapyIdentifiers,
} from "./journey-context.ts";
import type { JourneyEvent, JourneyException } from "./journey-record.ts";
import { eventIdentifier, factOf, productReferences, specimenReferences } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { resourceId } from "./resource-id.ts";
import { sensorObservationsOf } from "./sensor-observation.ts";
import { testObservationsOf } from "./test-observation.ts";
import { CODE_SYSTEMS, HL7_SYSTEMS, IDENTIFIER_SYSTEMS } from "./systems.ts";

/** Observation: what an inspection found, what release tests and sensors said, and every exception of the journey. */
export function observationsOf(mapping: Mapping): Resource[] {
  const events = mapping.journey.events.filter((entry) => entry.event.errorDeclaration === undefined);
  return [
    ...events.filter((entry) => businessStep(entry) === "inspecting").map((entry) => inspectionOf(mapping, entry)),
    ...testObservationsOf(mapping),
    ...events.flatMap((entry) => sensorObservationsOf(mapping, entry)),
    ...mapping.journey.exceptions.map((exception) => exceptionObservation(mapping, exception)),
  ];
}

function inspectionOf(mapping: Mapping, entry: JourneyEvent): Resource {
  const { journey } = mapping;
  const found = disposition(entry);
  const specimens = specimenReferences(mapping, entry);
  return compact({
    resourceType: "Observation",
    id: resourceId(journey.journeyId, `inspection:${factOf(entry)}`),
    identifier: [...eventIdentifier(entry), ...therapyIdentifiers(journey)],
    status: entry.isDeclaredErroneous ? "entered-in-error" : "final",
    category: [concept(CODE_SYSTEMS.observationCategory, "inspection")],
    code: activityConcept(entry) ?? concept(CODE_SYSTEMS.businessStep, "inspecting"),
    subject: patientReference(journey),
    focus: productReferences(mapping, entry),
    effectiveDateTime: instant(eventMilliseconds(entry)),
    issued: instant(entry.recordTime),
    performer: [organisationReference(entry.capturedBy)],
    valueCodeableConcept: found === undefined ? undefined : concept(CODE_SYSTEMS.disposition, found),
    dataAbsentReason: found === undefined ? concept(HL7_SYSTEMS.dataAbsentReason, "unknown") : undefined,
    specimen: specimens.length === 1 ? specimens[0] : undefined,
  });
}

function exceptionObservation({ journey }: Mapping, exception: JourneyException): Resource {
  return compact({
    resourceType: "Observation",
    id: resourceId(journey.journeyId, `exception:${exception.key}`),
    identifier: [
      ...(exception.number === null
        ? []
        : [{ system: IDENTIFIER_SYSTEMS.exceptionNumber, value: `${journey.journeyId}/${exception.number}` }]),
      ...therapyIdentifiers(journey),
    ],
    status: "final",
    category: [concept(CODE_SYSTEMS.observationCategory, "exception")],
    code: concept(CODE_SYSTEMS.exception, exception.code),
    subject: patientReference(journey),
    effectiveDateTime: instant(exception.occurredAt),
    issued: exception.raisedAt === null ? undefined : instant(exception.raisedAt),
    valueCodeableConcept: concept(CODE_SYSTEMS.exceptionClass, exception.class),
    note: exception.message === "" ? [] : [{ text: exception.message }],
    component: [
      {
        code: concept(CODE_SYSTEMS.observationCategory, "exception-status"),
        valueCodeableConcept: concept(CODE_SYSTEMS.exceptionStatus, exception.status),
      },
      ...(exception.leg === null
        ? []
        : [{ code: concept(CODE_SYSTEMS.observationCategory, "leg"), valueString: exception.leg }]),
    ],
  });
}
