import { z } from "zod";
import { OWN_KEYS_TYPES } from "../../model/custody/own-keys-typed-data.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { outcomeOf } from "../journeys/operation-outcome.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { momentSchema, signatureSchema } from "../schemas/common.ts";

const doneSchema = z.strictObject({ participantId: z.string(), signer: z.string(), recorded: z.boolean() });

/** An organisation ends hosted signing for itself: no node signs for it from then on, and none adds an account. */
export function ownKeysOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const require = operation({
    operationId: "requireOwnKeys",
    method: "post",
    path: "/own-keys",
    tag: "administration",
    summary: "End hosted signing for your organisation, with the signature of an account of its own (OwnKeysRequirement)",
    body: z.strictObject({ signedAt: momentSchema, signature: signatureSchema }),
    responses: {
      201: { description: "On the ledger.", schema: doneSchema },
      202: { description: "It waits for the ledger.", schema: doneSchema },
      403: { description: "No signature of an account of the organisation's own." },
      409: { description: "Refused by the ledger." },
    },
    async handle({ body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      const { signedAt, signature } = body;
      const signer = await requireOwnSignature(parts, { participantId }, {
        contract: "participantRegistry",
        types: OWN_KEYS_TYPES,
        value: { participantId },
        signedAt,
        signature,
      });
      const idempotencyKey = `own-keys:${participantId}:${signedAt}`;
      await database.transaction().execute((transaction) =>
        enqueueOperation(transaction, { idempotencyKey, kind: "require-own-keys", journeyId: null, payload: { participantId, signedAt, signature } }),
      );
      parts.onOperation();
      const { notifications, limits, closing } = parts;
      const outcome = await outcomeOf(database, notifications, idempotencyKey, limits.releaseWaitMilliseconds, closing);
      if (outcome.status === "refused") throw problem(409, "refused-by-ledger", `the ledger refused it: ${outcome.error ?? "no reason given"}`);
      parts.apiKeys.forget();
      const recorded = outcome.status === "recorded";
      return { status: recorded ? 201 : 202, body: { participantId, signer, recorded } };
    },
  });
  return [require];
}
