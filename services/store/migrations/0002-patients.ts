import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const PATIENT_TABLES: readonly string[] = [
  `create table patient_records (
    record_id text primary key,
    sealed_key text,
    created_at_milliseconds bigint not null,
    erased_at_milliseconds bigint,
    check ((sealed_key is null) = (erased_at_milliseconds is not null))
  )`,
  `create table patient_identifiers (
    identifier_index text primary key,
    record_id text not null references patient_records (record_id),
    sealed_identifier text not null,
    registered_by text not null,
    registered_at_milliseconds bigint not null
  )`,
  `create index patient_identifiers_record on patient_identifiers (record_id)`,
  `create table patient_pseudonyms (
    record_id text not null references patient_records (record_id),
    domain text not null,
    pseudonym_index text not null unique,
    sealed_pseudonym text not null,
    primary key (record_id, domain)
  )`,
  `create table patient_merges (
    merge_number bigint primary key,
    surviving_record_id text not null references patient_records (record_id),
    subsumed_record_id text not null references patient_records (record_id),
    merged_by text not null,
    merged_at_milliseconds bigint not null,
    unmerged_by text,
    unmerged_at_milliseconds bigint,
    check (surviving_record_id <> subsumed_record_id),
    check ((unmerged_by is null) = (unmerged_at_milliseconds is null))
  )`,
  `create unique index patient_merges_standing on patient_merges (subsumed_record_id) where unmerged_at_milliseconds is null`,
  `create index patient_merges_surviving on patient_merges (surviving_record_id) where unmerged_at_milliseconds is null`,
  `create table patient_consents (
    consent_id text primary key,
    record_id text not null references patient_records (record_id),
    purpose text not null,
    scope text not null check (scope in ('translation', 're-identification')),
    domain text not null,
    given_by text not null,
    grantee text not null,
    given_at_milliseconds bigint not null,
    expires_at_milliseconds bigint not null,
    revoked_at_milliseconds bigint
  )`,
  `create index patient_consents_record on patient_consents (record_id)`,
  `create index patient_consents_given_by on patient_consents (given_by)`,
  `create index patient_consents_grantee on patient_consents (grantee)`,
  `create table patient_audit (
    entry_number bigint primary key,
    occurred_at_milliseconds bigint not null,
    participant_id text not null,
    action text not null,
    purpose text not null,
    domain text not null,
    outcome text not null check (outcome in ('granted', 'refused')),
    reason text not null,
    subject text not null,
    previous_hash text not null unique,
    entry_hash text not null unique,
    seal text not null
  )`,
  `create index patient_audit_participant on patient_audit (participant_id, entry_number)`,
  `create function refuse_audit_change() returns trigger language plpgsql as
    $$ begin raise exception 'the patient audit trail is only ever appended to'; end $$`,
  `create trigger patient_audit_rows before update or delete on patient_audit
    for each row execute function refuse_audit_change()`,
  `create trigger patient_audit_truncate before truncate on patient_audit
    for each statement execute function refuse_audit_change()`,
  `create table patient_messages (
    message_index text primary key,
    received_at_milliseconds bigint not null
  )`,
  `create table journey_patients (
    journey_id text primary key references journeys (journey_id),
    record_id text not null references patient_records (record_id),
    bound_at_milliseconds bigint not null
  )`,
  `create index journey_patients_record on journey_patients (record_id)`,
];

/** Tables of the patient identifier translator. The database itself refuses to change or delete its audit trail. */
export const patientsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of PATIENT_TABLES) await sql.raw(statement).execute(database);
  },
};
