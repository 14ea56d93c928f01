import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Recipients' keys, grants with the journey keys wrapped for them, and the ledger's own record of grants. */
export const accessGrantsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
    // The view of natural keys gets two more parts, whatever other migrations made of it.
    const { rows } = await sql<{ definition: string }>`select pg_get_viewdef('chain_keys'::regclass, true) as definition`.execute(database);
    const definition = (rows[0]?.definition ?? "").trim().replace(/;$/, "");
    await sql.raw(`create or replace view chain_keys as ${definition} ${KEYS}`).execute(database);
  },
};

const KEYS = `union all select 'grant:' || grant_id from chain_access_grants
  union all select 'grant-revocation:' || grant_id from chain_access_grants where revoked_by is not null`;

const STATEMENTS: readonly string[] = [
  `create table recipient_keys (
    thumbprint text primary key,
    participant_id text not null references participants (participant_id),
    public_key jsonb not null,
    created_at_milliseconds bigint not null
  )`,
  `create index recipient_keys_participant on recipient_keys (participant_id, created_at_milliseconds)`,
  `create table access_grants (
    grant_id text primary key,
    journey_id text not null references journeys (journey_id),
    participant_id text not null,
    thumbprint text not null references recipient_keys (thumbprint),
    scope integer not null,
    granted_by text not null,
    created_at_milliseconds bigint not null,
    revoked_by text,
    revoked_at_milliseconds bigint
  )`,
  `create index access_grants_journey on access_grants (journey_id, created_at_milliseconds)`,
  `create table key_wraps (
    grant_id text not null references access_grants (grant_id),
    purpose text not null check (purpose in ('identity', 'content')),
    number integer not null,
    jwe text not null,
    primary key (grant_id, purpose, number)
  )`,
  `create table chain_access_grants (
    grant_id text primary key,
    journey_id text not null,
    participant_id text not null,
    scope integer not null,
    key_thumbprint text not null,
    granted_by bigint not null,
    granted_at bigint not null,
    revoked_by bigint,
    revoked_at bigint
  )`,
  `create index chain_access_grants_journey on chain_access_grants (journey_id)`,
];
