import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS = [
  `create table shippers (
    grai text primary key,
    equipment_id text not null unique,
    owner_participant_id text not null references participants (participant_id),
    document text not null,
    document_hash text not null,
    created_at_milliseconds bigint not null
  )`,
  `create table lanes (
    lane text primary key,
    lane_id text not null unique,
    document text not null,
    document_hash text not null,
    created_at_milliseconds bigint not null
  )`,
  `create table qualifications (
    subject_id text not null,
    qualified_from bigint not null,
    qualified_until bigint not null,
    certificate_hash text not null,
    created_at_milliseconds bigint not null,
    primary key (subject_id, qualified_from, qualified_until)
  )`,
  `create table shipper_assignments (
    journey_id text not null references journeys (journey_id),
    leg integer not null,
    equipment_id text not null,
    lane_id text not null,
    assigned_at bigint not null,
    charged_at bigint not null,
    primary key (journey_id, leg, equipment_id, assigned_at)
  )`,
  `create index shipper_assignments_equipment on shipper_assignments (equipment_id, assigned_at)`,
];

/** Shippers and lanes, their qualification and use, as disclosed to this node. */
export const equipmentMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
