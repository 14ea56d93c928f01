import { randomUUID } from "node:crypto";
import type { Kysely, Selectable, Transaction } from "kysely";
import { EXCEPTION_CLASSES } from "../../model/custody/index.ts";
import type { Database, WebhookRow } from "../../store/schema.ts";
import { sees, seesEveryJourney } from "../http/caller.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { stageAt } from "../journeys/exception-progress.ts";
import { journeysOf } from "../journeys/visible.ts";

type Webhook = Selectable<WebhookRow>;

/**
 * What happened since each webhook last looked becomes deliveries, in the transaction that moves its cursor: each event
 * once, whatever stops in between. A webhook hears of the journeys its participant is a party of; the authority of all.
 */
export async function enqueueDeliveries(database: Kysely<Database>): Promise<void> {
  const head = await database.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  if (head === undefined) return;
  const behind = await database
    .selectFrom("webhooks")
    .select("webhook_id")
    .where("active", "=", true)
    .where("cursor_block", "<", head.block_number)
    .execute();
  for (const { webhook_id } of behind)
    await database.transaction().execute((transaction) => enqueueFor(transaction, webhook_id));
}

async function enqueueFor(transaction: Transaction<Database>, webhookId: string): Promise<void> {
  const webhook = await transaction
    .selectFrom("webhooks")
    .selectAll()
    .where("webhook_id", "=", webhookId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const head = await transaction.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  if (head === undefined || head.block_number <= webhook.cursor_block) return;
  const events = await eventsBetween(transaction, webhook, head.block_number);
  if (events.length > 0)
    await transaction
      .insertInto("webhook_deliveries")
      .values(events.map((event) => deliveryOf(webhook, event)))
      .onConflict((conflict) => conflict.columns(["webhook_id", "event_key"]).doNothing())
      .execute();
  await transaction.updateTable("webhooks").set({ cursor_block: head.block_number }).where("webhook_id", "=", webhookId).execute();
}

interface ExceptionEvent {
  block: number;
  /** -1 when it was raised, else the place of the transition. */
  position: number;
  journeyId: string;
  number: number;
  code: string;
  class: number;
  from: number | null;
  stage: number;
}

async function eventsBetween(transaction: Transaction<Database>, webhook: Webhook, head: number): Promise<ExceptionEvent[]> {
  const participant = await callerOf(transaction, webhook.participant_id);
  if (participant === null || !sees(participant, "exceptions")) return [];
  const everywhere = seesEveryJourney(participant);
  const raised = await transaction
    .selectFrom("chain_exceptions")
    .select(["block_number", "journey_id", "number", "code", "class"])
    .where("block_number", ">", webhook.cursor_block)
    .where("block_number", "<=", head)
    .$if(!everywhere, (query) => query.where("journey_id", "in", journeysOf(transaction, webhook.participant_id)))
    .execute();
  const advanced = await transaction
    .selectFrom("chain_exception_transitions as moved")
    .innerJoin("chain_exceptions as exceptions", (join) =>
      join.onRef("exceptions.journey_id", "=", "moved.journey_id").onRef("exceptions.number", "=", "moved.number"),
    )
    .select(["moved.block_number", "position", "moved.journey_id", "moved.number", "code", "class", "from_stage", "to_stage"])
    .where("moved.block_number", ">", webhook.cursor_block)
    .where("moved.block_number", "<=", head)
    .$if(!everywhere, (query) => query.where("moved.journey_id", "in", journeysOf(transaction, webhook.participant_id)))
    .execute();
  return [
    ...raised.map((row): ExceptionEvent => ({ ...common(row), position: -1, from: null, stage: 0 })),
    ...advanced.map((row): ExceptionEvent => ({ ...common(row), position: row.position, from: row.from_stage, stage: row.to_stage })),
  ].sort((left, right) => left.block - right.block || left.position - right.position || left.number - right.number);
}

function common(row: { block_number: number; journey_id: string; number: number; code: string; class: number }) {
  return { block: row.block_number, journeyId: row.journey_id, number: row.number, code: row.code, class: row.class };
}

/** Nothing of a patient, of a cause or of a person: who may know more asks with a key. */
function deliveryOf(webhook: Webhook, event: ExceptionEvent) {
  const deliveryId = randomUUID();
  const now = Date.now();
  const body = {
    id: deliveryId,
    type: event.from === null ? "exception.raised" : "exception.advanced",
    journeyId: event.journeyId,
    number: event.number,
    code: event.code,
    class: EXCEPTION_CLASSES[event.class] ?? "critical",
    ...(event.from === null ? {} : { from: stageAt(event.from) }),
    stage: stageAt(event.stage),
  };
  return {
    delivery_id: deliveryId,
    webhook_id: webhook.webhook_id,
    event_key: `${event.journeyId}:${event.number}:${event.position}`,
    body: JSON.stringify(body),
    status: "pending" as const,
    attempts: 0,
    next_attempt_at_milliseconds: now,
    last_error: null,
    created_at_milliseconds: now,
    delivered_at_milliseconds: null,
  };
}

async function callerOf(transaction: Transaction<Database>, participantId: string): Promise<ParticipantCaller | null> {
  const row = await transaction
    .selectFrom("participants")
    .select(["gln", "name", "roles", "account"])
    .where("participant_id", "=", participantId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { kind: "participant", participantId, gln: row.gln, name: row.name, roles: row.roles as ParticipantCaller["roles"], account: row.account, person: null, signsItself: { account: false, integration: false } };
}
