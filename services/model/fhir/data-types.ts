/** The few FHIR R4 data types (http://hl7.org/fhir/R4/datatypes.html) that the façade writes. */
export interface Coding {
  system: string;
  code: string;
  display?: string;
}

export interface CodeableConcept {
  coding?: Coding[];
  text?: string;
}

export interface Identifier {
  system: string;
  value: string;
  type?: CodeableConcept;
}

export type Extension = { url: string } & Record<string, unknown>;

/** A literal reference within this server, or a logical one by identifier; or neither, with the reason why. */
export interface Reference {
  reference?: string;
  type?: string;
  identifier?: Identifier;
  display?: string;
  extension?: Extension[];
}

/** A FHIR resource as JSON. */
export type Resource = { resourceType: string; id: string } & Record<string, unknown>;

/** Why an element the definition asks for has no value; codes of HL7's data-absent-reason. */
export type AbsentReason = "unknown" | "masked" | "not-applicable" | "unsupported";

export const DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

export function absent(reason: AbsentReason): { extension: Extension[] } {
  return { extension: [{ url: DATA_ABSENT_REASON, valueCode: reason }] };
}

export function concept(system: string, code: string, text?: string): CodeableConcept {
  return { coding: [{ system, code }], ...(text === undefined ? {} : { text }) };
}

/** Without members that are undefined or empty lists, which FHIR's JSON does not know. */
export function compact(resource: Resource): Resource {
  const kept = Object.entries(resource).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(kept) as Resource;
}

/** A moment (Unix milliseconds) as `instant`, which is a valid `dateTime` too. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
