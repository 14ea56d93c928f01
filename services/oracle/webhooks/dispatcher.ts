import type { Selectable } from "kysely";
import type { Failure } from "../../schedule/failure-record.ts";
import { createWorkLoop } from "../../schedule/work-loop.ts";
import type { StepOutcome } from "../../schedule/work-loop.ts";
import type { WebhookDeliveryRow, WebhookRow } from "../../store/schema.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { enqueueDeliveries } from "./enqueue.ts";
import { sendDelivery } from "./send.ts";
import { retryMilliseconds } from "./settings.ts";
import type { WebhookSettings } from "./settings.ts";
import { webhookSignature } from "./signature.ts";

export interface WebhookDispatcher {
  /** Why it does not get on; null while it does. */
  failure(): Failure | null;
  close(): Promise<void>;
}

type Webhook = Selectable<WebhookRow>;
type Delivery = Selectable<WebhookDeliveryRow>;

/**
 * Tells participants' own systems of exceptions, at once and at least once. Each webhook has a lane of its own, in the
 * order of the events, so that a slow or broken receiver holds up nobody else. What is to be told is in the database.
 */
export function createWebhookDispatcher(
  settings: WebhookSettings,
  parts: Pick<OracleParts, "database" | "keyring" | "notifications" | "logger">,
): WebhookDispatcher {
  const { database, keyring, logger } = parts;
  const closing = new AbortController();
  const lanes = new Map<string, Promise<void>>();
  const loop = createWorkLoop({ name: "the webhook dispatcher", step: openLanes, everyMilliseconds: settings.pollMilliseconds, logger });
  const unsubscribe = parts.notifications.subscribe(({ type }) => {
    if (type === "exception") loop.notify();
  });
  loop.start();

  async function openLanes(): Promise<StepOutcome> {
    await enqueueDeliveries(database);
    for (const webhookId of await dueWebhooks()) openLane(webhookId);
    return "idle";
  }

  async function dueWebhooks(): Promise<string[]> {
    const rows = await database
      .selectFrom("webhook_deliveries")
      .innerJoin("webhooks", "webhooks.webhook_id", "webhook_deliveries.webhook_id")
      .select("webhook_deliveries.webhook_id as webhookId")
      .distinct()
      .where("active", "=", true)
      .where("status", "=", "pending")
      .where("next_attempt_at_milliseconds", "<=", Date.now())
      .execute();
    return rows.map(({ webhookId }) => webhookId);
  }

  function openLane(webhookId: string): void {
    if (lanes.has(webhookId) || closing.signal.aborted) return;
    const lane = deliverAll(webhookId)
      .catch((error: unknown) => {
        if (!closing.signal.aborted) logger.warn({ error, webhookId }, "a webhook's lane stopped; tried again");
      })
      .finally(() => lanes.delete(webhookId));
    lanes.set(webhookId, lane);
  }

  async function deliverAll(webhookId: string): Promise<void> {
    while (!closing.signal.aborted) {
      const webhook = await database.selectFrom("webhooks").selectAll().where("webhook_id", "=", webhookId).executeTakeFirstOrThrow();
      const delivery = await database
        .selectFrom("webhook_deliveries")
        .selectAll()
        .where("webhook_id", "=", webhookId)
        .where("status", "=", "pending")
        .orderBy("delivery_number")
        .limit(1)
        .executeTakeFirst();
      if (!webhook.active || delivery === undefined || delivery.next_attempt_at_milliseconds > Date.now()) return;
      const error = await attempt(webhook, delivery);
      if (closing.signal.aborted && error !== null) return;
      await keep(webhook, delivery, error);
    }
  }

  function attempt({ url, ...webhook }: Webhook, { delivery_id, body }: Delivery): Promise<string | null> {
    const now = Date.now();
    const secrets = [keyring.open(webhook.encrypted_secret)];
    if (webhook.encrypted_previous_secret !== null && (webhook.previous_secret_until_milliseconds ?? 0) > now)
      secrets.push(keyring.open(webhook.encrypted_previous_secret));
    const headers = {
      "User-Agent": "Threadline",
      "Threadline-Delivery": delivery_id,
      "Threadline-Signature": webhookSignature(secrets, Math.floor(now / 1000), body),
    };
    return sendDelivery({ url, headers, body }, settings, closing.signal);
  }

  /** Keeps how an attempt ended; a webhook that failed for too long is disabled. */
  async function keep({ webhook_id, failing_since_milliseconds }: Webhook, delivery: Delivery, error: string | null): Promise<void> {
    const now = Date.now();
    const attempts = delivery.attempts + 1;
    const failingSince = error === null ? null : (failing_since_milliseconds ?? now);
    const isLost = failingSince !== null && now - failingSince >= settings.disableAfterMilliseconds;
    await database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable("webhook_deliveries")
        .set(
          error === null
            ? { status: "delivered", attempts, last_error: null, delivered_at_milliseconds: now }
            : { attempts, last_error: error, next_attempt_at_milliseconds: now + retryMilliseconds(settings, attempts) },
        )
        .where("delivery_number", "=", delivery.delivery_number)
        .execute();
      await transaction
        .updateTable("webhooks")
        .set({
          failing_since_milliseconds: failingSince,
          ...(isLost ? { active: false, disabled_reason: `failing since ${new Date(failingSince).toISOString()}: ${error}` } : {}),
        })
        .where("webhook_id", "=", webhook_id)
        .execute();
    });
    if (isLost) logger.error({ webhookId: webhook_id, error }, "a webhook failed for too long and is disabled");
  }

  return {
    failure: loop.failure,
    async close() {
      closing.abort();
      unsubscribe();
      await loop.close();
      await Promise.all(lanes.values());
    },
  };
}
