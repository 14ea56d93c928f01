/**
 * The patient identifier translator. A record is one patient as one organisation first named it; merges make several
 * records one patient. Whatever tells who a patient is, or links two domains, is sealed with a key of the record or is
 * a keyed hash. Times are Unix milliseconds.
 */
export interface PatientTables {
  patient_records: PatientRecordRow;
  patient_identifiers: PatientIdentifierRow;
  patient_pseudonyms: PatientPseudonymRow;
  patient_merges: PatientMergeRow;
  patient_consents: PatientConsentRow;
  patient_audit: PatientAuditRow;
  patient_messages: PatientMessageRow;
  journey_patients: JourneyPatientRow;
}

/** `sealed_key` is the record's key, sealed with the node's secret; null once erased, and with it all it sealed. */
export interface PatientRecordRow {
  record_id: string;
  sealed_key: string | null;
  created_at_milliseconds: number;
  erased_at_milliseconds: number | null;
}

/** `identifier_index` is a keyed hash over organisation, system and value; `sealed_identifier` is JSON, sealed. */
export interface PatientIdentifierRow {
  identifier_index: string;
  record_id: string;
  sealed_identifier: string;
  registered_by: string;
  registered_at_milliseconds: number;
}

/** `pseudonym_index` is a keyed hash over domain and pseudonym. */
export interface PatientPseudonymRow {
  record_id: string;
  domain: string;
  pseudonym_index: string;
  sealed_pseudonym: string;
}

/** A merge stands until it is unmerged; its row stays. */
export interface PatientMergeRow {
  merge_number: number;
  surviving_record_id: string;
  subsumed_record_id: string;
  merged_by: string;
  merged_at_milliseconds: number;
  unmerged_by: string | null;
  unmerged_at_milliseconds: number | null;
}

export interface PatientConsentRow {
  consent_id: string;
  record_id: string;
  purpose: string;
  scope: string;
  domain: string;
  given_by: string;
  grantee: string;
  given_at_milliseconds: number;
  expires_at_milliseconds: number;
  revoked_at_milliseconds: number | null;
}

/** One entry of the trail. `subject` is JSON: the records, merge, consent or journey; no reader outside is shown it. */
export interface PatientAuditRow {
  entry_number: number;
  occurred_at_milliseconds: number;
  participant_id: string;
  action: string;
  purpose: string;
  domain: string;
  outcome: "granted" | "refused";
  reason: string;
  subject: string;
  previous_hash: string;
  entry_hash: string;
  /** Keyed hash of `entry_hash`: who has the database but not the node's secret cannot make one. */
  seal: string;
}

/** A message that was applied; `message_index` is a keyed hash over who sent it and its identity. */
export interface PatientMessageRow {
  message_index: string;
  received_at_milliseconds: number;
}

export interface JourneyPatientRow {
  journey_id: string;
  record_id: string;
  bound_at_milliseconds: number;
}
