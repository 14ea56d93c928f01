import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Participants and persons whose keys this node does not keep, checks that wait for their signature, and what a list of
 * signatures shows of the ledger. Rows indexed before get the new columns when the read model is rebuilt.
 */
export const ownKeysMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
    const { rows } = await sql<{ definition: string }>`select pg_get_viewdef('chain_keys'::regclass, true) as definition`.execute(database);
    const definition = (rows[0]?.definition ?? "").trim().replace(/;$/, "");
    await sql.raw(`create or replace view chain_keys as ${definition} ${KEYS}`).execute(database);
  },
};

const KEYS = `union all select 'own-keys:' || participant_id || ':' || own_keys_signed_at
  from chain_participants where own_keys_signed_at is not null`;

const STATEMENTS: readonly string[] = [
  `alter table participants alter column encrypted_key drop not null`,
  `alter table chain_participants
    add column own_keys_only boolean not null default false,
    add column own_keys_signed_at bigint`,
  `alter table identity_checks drop constraint identity_checks_status_check`,
  `alter table identity_checks
    add constraint identity_checks_status_check check (status in ('unsigned', 'proving', 'proven', 'unprovable')),
    add column signed_at bigint,
    add column signature text`,
  `alter table chain_custody_events add column signature text`,
  `alter table chain_releases add column transaction_hash text`,
  `alter table chain_access_grants
    add column signer text,
    add column signed_at bigint,
    add column transaction_hash text,
    add column revocation_signer text,
    add column revocation_signed_at bigint,
    add column revocation_transaction_hash text`,
];
