import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The ledger's own record of anchors; its natural keys join the view, whatever other migrations made of it. */
export const auditAnchorsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `create table chain_audit_anchors (
          trail text not null,
          count bigint not null,
          head text not null,
          anchored_at bigint not null,
          primary key (trail, count)
        )`,
      )
      .execute(database);
    const { rows } = await sql<{ definition: string }>`select pg_get_viewdef('chain_keys'::regclass, true) as definition`.execute(database);
    const definition = (rows[0]?.definition ?? "").trim().replace(/;$/, "");
    const key = `union all select 'audit-anchor:' || trail || ':' || count::text from chain_audit_anchors`;
    await sql.raw(`create or replace view chain_keys as ${definition} ${key}`).execute(database);
  },
};
