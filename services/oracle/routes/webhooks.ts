import { randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import { z } from "zod";
import type { WebhookRow } from "../../store/schema.ts";
import type { Caller, ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { newWebhookSecret } from "../webhooks/signature.ts";
import { urlProblem } from "../webhooks/target.ts";
import { momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

const path = z.strictObject({ webhookId: z.uuid() });
const secretSchema = z.strictObject({ webhookId: z.string(), secret: z.string() });
const webhookSchema = z.strictObject({
  webhookId: z.string(),
  url: z.string(),
  active: z.boolean(),
  disabledReason: z.string().nullable(),
  failingSince: momentText.nullable(),
  lastError: z.string().nullable(),
  pending: z.int(),
  createdAt: momentText,
});

/** Where a participant's own system is told of exceptions, at once and signed. */
export function webhookOperations(parts: OracleParts): Operation[] {
  const { database, keyring, webhooks: settings } = parts;

  const create = operation({
    operationId: "createWebhook",
    method: "post",
    path: "/webhooks",
    tag: "webhooks",
    summary: "Be told of exceptions from now on; the secret that signs is shown once",
    body: z.strictObject({ url: z.string().max(2000) }),
    responses: {
      201: { description: "Registered.", schema: secretSchema.extend({ url: z.string() }) },
      400: { description: "The URL may not be told." },
      409: { description: "Too many webhooks." },
    },
    async handle({ body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      const objection = urlProblem(body.url, settings.privateTargets);
      if (objection !== null) throw problem(400, "webhook-url-invalid", `${body.url}: ${objection}`);
      const { count } = await database
        .selectFrom("webhooks")
        .select((select) => select.fn.countAll<number>().as("count"))
        .where("participant_id", "=", participantId)
        .executeTakeFirstOrThrow();
      if (Number(count) >= settings.perParticipant)
        throw problem(409, "too-many-webhooks", `you have ${count} webhooks, the most there may be`);
      const head = await database.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
      const webhookId = randomUUID();
      const secret = newWebhookSecret();
      await database
        .insertInto("webhooks")
        .values({
          webhook_id: webhookId,
          participant_id: participantId,
          url: body.url,
          encrypted_secret: keyring.seal(secret),
          encrypted_previous_secret: null,
          previous_secret_until_milliseconds: null,
          cursor_block: head?.block_number ?? 0,
          active: true,
          disabled_reason: null,
          failing_since_milliseconds: null,
          created_at_milliseconds: Date.now(),
        })
        .execute();
      return { status: 201, body: { webhookId, url: body.url, secret } };
    },
  });

  const list = operation({
    operationId: "listWebhooks",
    method: "get",
    path: "/webhooks",
    tag: "webhooks",
    summary: "The caller's webhooks: whether they are told, and what waits",
    responses: { 200: { description: "The webhooks.", schema: z.strictObject({ webhooks: z.array(webhookSchema) }) } },
    async handle({ caller }) {
      const { participantId } = caller as ParticipantCaller;
      const rows = await database
        .selectFrom("webhooks")
        .selectAll()
        .where("participant_id", "=", participantId)
        .orderBy("created_at_milliseconds")
        .execute();
      return { status: 200, body: { webhooks: await Promise.all(rows.map(view)) } };
    },
  });

  const rotate = operation({
    operationId: "rotateWebhookSecret",
    method: "post",
    path: "/webhooks/{webhookId}/secret",
    tag: "webhooks",
    summary: "A new secret; for a while both sign, so that the receiver can change over",
    parameters: path,
    body: z.strictObject({}),
    responses: { 201: { description: "The new secret.", schema: secretSchema }, 404: { description: "No such webhook." } },
    async handle({ path: { webhookId }, caller }) {
      const webhook = await own(caller, webhookId);
      const secret = newWebhookSecret();
      await database
        .updateTable("webhooks")
        .set({
          encrypted_secret: keyring.seal(secret),
          encrypted_previous_secret: webhook.encrypted_secret,
          previous_secret_until_milliseconds: Date.now() + settings.secretOverlapMilliseconds,
        })
        .where("webhook_id", "=", webhookId)
        .execute();
      return { status: 201, body: { webhookId, secret } };
    },
  });

  const setActive = operation({
    operationId: "setWebhookActive",
    method: "post",
    path: "/webhooks/{webhookId}/activation",
    tag: "webhooks",
    summary: "Stop a webhook, or start one that was stopped; what waited, and what came meanwhile, is then sent",
    parameters: path,
    body: z.strictObject({ active: z.boolean() }),
    responses: { 200: { description: "The webhook.", schema: webhookSchema }, 404: { description: "No such webhook." } },
    async handle({ path: { webhookId }, body, caller }) {
      await own(caller, webhookId);
      await database
        .updateTable("webhooks")
        .set({
          active: body.active,
          disabled_reason: body.active ? null : "stopped by its participant",
          failing_since_milliseconds: null,
        })
        .where("webhook_id", "=", webhookId)
        .execute();
      if (body.active)
        await database
          .updateTable("webhook_deliveries")
          .set({ next_attempt_at_milliseconds: Date.now() })
          .where("webhook_id", "=", webhookId)
          .where("status", "=", "pending")
          .execute();
      return { status: 200, body: await view(await own(caller, webhookId)) };
    },
  });

  async function own(caller: Caller, webhookId: string): Promise<Selectable<WebhookRow>> {
    const { participantId } = caller as ParticipantCaller;
    const webhook = await database
      .selectFrom("webhooks")
      .selectAll()
      .where("webhook_id", "=", webhookId)
      .where("participant_id", "=", participantId)
      .executeTakeFirst();
    if (webhook === undefined) throw problem(404, "unknown-webhook", `you have no webhook ${webhookId}`);
    return webhook;
  }

  async function view(webhook: Selectable<WebhookRow>): Promise<z.output<typeof webhookSchema>> {
    const waiting = await database
      .selectFrom("webhook_deliveries")
      .select("last_error")
      .where("webhook_id", "=", webhook.webhook_id)
      .where("status", "=", "pending")
      .orderBy("delivery_number")
      .execute();
    const since = webhook.failing_since_milliseconds;
    return {
      webhookId: webhook.webhook_id,
      url: webhook.url,
      active: webhook.active,
      disabledReason: webhook.disabled_reason,
      failingSince: since === null ? null : rfc3339FromMilliseconds(since),
      lastError: waiting[0]?.last_error ?? null,
      pending: waiting.length,
      createdAt: rfc3339FromMilliseconds(webhook.created_at_milliseconds),
    };
  }

  return [create, list, rotate, setActive];
}
