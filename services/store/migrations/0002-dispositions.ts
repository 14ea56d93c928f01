import { sql } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS = [
  `alter table segments add column after_acceptances integer not null default 0`,
  `create table disposition_reasons (
    reason_hash text primary key,
    journey_id text not null references journeys (journey_id),
    reason text not null,
    salt text not null,
    written_by text not null,
    created_at_milliseconds bigint not null
  )`,
  `create index disposition_reasons_journey on disposition_reasons (journey_id)`,
];

/** What dispositions and accepted intervals need beside the read model. */
export const dispositionMigration: Migration = {
  async up(database) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
