export { createPatientTranslator } from "./translator.ts";
export type { PatientTranslator, PatientTranslatorConfiguration } from "./translator.ts";
export type { Actor, Outcome, PatientReference } from "./actor.ts";
export { eraseRecords, journeysOfRecords } from "./erasure.ts";
export type { RetentionDuty } from "./erasure.ts";
