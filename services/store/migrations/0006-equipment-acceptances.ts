import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const TABLE = `create table chain_equipment_acceptances (
  journey_id text not null,
  leg integer not null,
  code text not null,
  assignments integer not null,
  exception_number bigint not null,
  participant_index bigint not null,
  signer text not null,
  signed_at bigint not null,
  recorded_at bigint not null,
  transaction_hash text not null,
  primary key (journey_id, leg, assignments, exception_number)
)`;

const KEYS = `union all select 'equipment-acceptance:' || journey_id || ':' || leg::text || ':' || assignments::text || ':' || exception_number::text
  from chain_equipment_acceptances`;

/** What the ledger says of shippers and lanes that a qualified person accepted. */
export const equipmentAcceptancesMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql.raw(TABLE).execute(database);
    // The view of natural keys gets one more part, whatever other migrations made of it.
    const { rows } = await sql<{ definition: string }>`select pg_get_viewdef('chain_keys'::regclass, true) as definition`.execute(database);
    const definition = (rows[0]?.definition ?? "").trim().replace(/;$/, "");
    await sql.raw(`create or replace view chain_keys as ${definition} ${KEYS}`).execute(database);
  },
};
