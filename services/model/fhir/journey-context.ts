import type { FlowStep } from "../custody/index.ts";
import { THREADLINE_NAMESPACE, expandName, VOCABULARIES, vocabularyUri } from "../epcis/index.ts";
import type { Vocabulary } from "../epcis/index.ts";
import { absent, concept } from "./data-types.ts";
import type { CodeableConcept, Identifier, Reference } from "./data-types.ts";
import type { FhirJourney, JourneyEvent, Organisation } from "./journey-record.ts";
import { CODE_SYSTEMS, IDENTIFIER_SYSTEMS } from "./systems.ts";

/** The patient, by the pseudonym in the journeys' domain and nothing else: no name, no record number, no resource. */
export function patientReference({ patient }: FhirJourney): Reference {
  if (patient.state !== "known") return { type: "Patient", ...absent(patient.state) };
  return {
    type: "Patient",
    identifier: { system: IDENTIFIER_SYSTEMS.patientPseudonym, value: patient.pseudonym },
  };
}

export function organisationReference({ gln, name }: Organisation): Reference {
  if (gln === null) return { type: "Organization", ...absent("unknown") };
  return {
    type: "Organization",
    identifier: { system: IDENTIFIER_SYSTEMS.globalLocationNumber, value: gln },
    ...(name === null ? {} : { display: name }),
  };
}

export function uriIdentifier(value: string): Identifier {
  return { system: IDENTIFIER_SYSTEMS.uri, value };
}

/** The Chain of Identity, under which every R4 reader finds what belongs to a therapy. */
export function therapyIdentifiers({ chainOfIdentity }: FhirJourney): Identifier[] {
  return chainOfIdentity === null ? [] : [{ system: IDENTIFIER_SYSTEMS.chainOfIdentity, value: chainOfIdentity }];
}

/** The bare word of a vocabulary, however the event writes it. */
export function bareWord(vocabulary: Vocabulary, value: string): string {
  const uri = vocabularyUri(vocabulary, value);
  return uri.startsWith(vocabulary.stem) ? uri.slice(vocabulary.stem.length) : value.replace(/^(cbv|gs1):(\w+-)?/, "");
}

export function businessStep({ event }: JourneyEvent): string | undefined {
  return event.bizStep === undefined ? undefined : bareWord(VOCABULARIES.bizStep, event.bizStep);
}

export function disposition({ event }: JourneyEvent): string | undefined {
  return event.disposition === undefined ? undefined : bareWord(VOCABULARIES.disposition, event.disposition);
}

export function eventMilliseconds({ event }: JourneyEvent): number {
  return Date.parse(event.eventTime);
}

/** A business transaction of a type, such as `po`. */
export function businessTransaction({ event }: JourneyEvent, type: string): string | undefined {
  const list = "bizTransactionList" in event ? event.bizTransactionList : undefined;
  return list?.find((entry) => entry.type !== undefined && bareWord(VOCABULARIES.bizTransaction, entry.type) === type)
    ?.bizTransaction;
}

/** Text of one of Threadline's fields in an event's instance or lot master data. */
export function masterData({ event, namespaces }: JourneyEvent, name: string): string | undefined {
  if (!("ilmd" in event) || typeof event.ilmd !== "object" || event.ilmd === null) return undefined;
  const entry = Object.entries(event.ilmd).find(([key]) => expandName(key, namespaces) === THREADLINE_NAMESPACE + name);
  return typeof entry?.[1] === "string" && entry[1].trim() !== "" ? entry[1].trim() : undefined;
}

/** What was done, in the flow's words beside the CBV's; undefined for an event that says neither. */
export function activityConcept(entry: JourneyEvent): CodeableConcept | undefined {
  const word = businessStep(entry);
  const coding = [
    ...(entry.step === null ? [] : [{ system: CODE_SYSTEMS.flowStep, code: entry.step.step }]),
    ...(word === undefined ? [] : [{ system: CODE_SYSTEMS.businessStep, code: word }]),
  ];
  if (coding.length === 0) return undefined;
  return { coding, ...titleOf(entry.step) };
}

/** One of Threadline's own kinds, with the flow's step beside it. */
export function kindConcept(system: string, code: string, step: FlowStep | null): CodeableConcept {
  const kind = concept(system, code);
  if (step === null) return kind;
  return { coding: [...(kind.coding ?? []), { system: CODE_SYSTEMS.flowStep, code: step.step }], text: step.title };
}

function titleOf(step: FlowStep | null): { text?: string } {
  return step === null ? {} : { text: step.title };
}
