import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS: readonly string[] = [
  `create table exception_reasons (
    reason_hash text primary key,
    journey_id text not null,
    number bigint not null,
    reason text not null,
    salt text not null,
    participant_id text not null,
    created_at_milliseconds bigint not null
  )`,
  `create index exception_reasons_journey on exception_reasons (journey_id, number)`,
  `create table webhooks (
    webhook_id text primary key,
    participant_id text not null,
    url text not null,
    encrypted_secret text not null,
    encrypted_previous_secret text,
    previous_secret_until_milliseconds bigint,
    cursor_block bigint not null,
    active boolean not null,
    disabled_reason text,
    failing_since_milliseconds bigint,
    created_at_milliseconds bigint not null
  )`,
  `create index webhooks_participant on webhooks (participant_id)`,
  `create table webhook_deliveries (
    delivery_number bigserial primary key,
    delivery_id text not null unique,
    webhook_id text not null references webhooks (webhook_id),
    event_key text not null,
    body text not null,
    status text not null check (status in ('pending', 'delivered')),
    attempts integer not null,
    next_attempt_at_milliseconds bigint not null,
    last_error text,
    created_at_milliseconds bigint not null,
    delivered_at_milliseconds bigint,
    unique (webhook_id, event_key)
  )`,
  `create index webhook_deliveries_pending on webhook_deliveries (webhook_id, delivery_number) where status = 'pending'`,
];

/** Reasons for what was decided on exceptions, and webhooks that tell of them. */
export const exceptionsMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
