import { z } from "zod";

const LONGEST_SYSTEM = 200;
const LONGEST_VALUE = 100;

/** Printable, and without space at either end, so that one identifier has one spelling. */
const printable = /^[^\p{C}\p{Z}](?:[^\p{C}]*[^\p{C}\p{Z}])?$/u;

/**
 * An organisation's own name for a patient: the assigning authority (an absolute URI, `urn:oid:…` for an OID; FHIR
 * Identifier.system, HL7 v2 CX.4) and the identifier it assigned, such as a medical record number (CX.1).
 */
export const localIdentifierSchema = z.strictObject({
  system: z
    .string()
    .max(LONGEST_SYSTEM)
    .regex(/^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/, "an absolute URI of the assigning authority, such as urn:oid:2.16.840.1.113883.19.5"),
  value: z
    .string()
    .max(LONGEST_VALUE)
    .regex(printable, "printable characters, no space at either end")
    .transform((text) => text.normalize("NFC")),
});

export type LocalIdentifier = z.output<typeof localIdentifierSchema>;

/** One text per identifier and no two alike: a JSON array keeps its parts apart. */
export function identifierText(participantId: string, { system, value }: LocalIdentifier): string {
  return JSON.stringify([participantId, system, value]);
}
