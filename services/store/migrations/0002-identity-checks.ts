import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS = [
  `create table persons (
    account text primary key,
    participant_id text not null references participants (participant_id),
    name text not null,
    encrypted_key text,
    created_at_milliseconds bigint not null
  )`,
  `create index persons_participant on persons (participant_id)`,
  `alter table api_keys add column account text`,
  `create table identity_checks (
    linked_commitment text primary key,
    scan_id text not null references scans (scan_id),
    journey_id text not null references journeys (journey_id),
    step integer not null,
    account text not null,
    chain_of_identity text not null,
    patient text,
    blinding text not null,
    status text not null check (status in ('proving', 'proven', 'unprovable')),
    reason text,
    created_at_milliseconds bigint not null
  )`,
  `create index identity_checks_journey on identity_checks (journey_id, step)`,
  `create index identity_checks_unproven on identity_checks (created_at_milliseconds) where status = 'proving'`,
];

/** Persons who sign for participants, and the identity checks their scans begin. */
export const identityChecksMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
