import { keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";
import { enqueueOperation } from "../../store/outbox.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { outcomeOf } from "../journeys/operation-outcome.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { hash32Schema } from "./schemas.ts";

/** Quality decisions on exceptions. The justification stays with the caller; the ledger holds its hash. */
export function resolutionOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const resolve = operation({
    operationId: "resolveException",
    method: "post",
    path: "/journeys/{journeyId}/exceptions/{number}/resolution",
    tag: "release",
    summary: "Resolve an exception with a justification, signed as the caller",
    parameters: z.strictObject({
      journeyId: hash32Schema,
      number: z
        .string()
        .regex(/^\d{1,9}$/, "a number")
        .transform(Number),
    }),
    body: z.strictObject({ justification: z.string().trim().min(10).max(4000) }),
    responses: {
      201: { description: "Resolved on the ledger.", schema: resolutionSchema },
      202: { description: "The decision waits for the ledger.", schema: resolutionSchema },
      404: { description: "No such exception on the ledger." },
      409: { description: "Resolved before, or refused by the ledger." },
    },
    async handle({ path, body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      await visibleJourney(database, caller, path.journeyId);
      const record = await database
        .selectFrom("chain_exceptions")
        .select(["resolved_by", "code"])
        .where("journey_id", "=", path.journeyId)
        .where("number", "=", path.number)
        .executeTakeFirst();
      if (record === undefined)
        throw problem(404, "unknown-exception", `the ledger has no exception ${path.number} of this journey`);
      if (record.resolved_by !== null)
        throw problem(409, "already-resolved", `exception ${path.number} is resolved already`);
      const justificationHash = keccak256(toUtf8Bytes(body.justification));
      const idempotencyKey = await database.transaction().execute(async (transaction) => {
        const base = `resolve:${path.journeyId}:${path.number}:`;
        const earlier = await transaction
          .selectFrom("ledger_operations")
          .select("status")
          .where("idempotency_key", "like", `${base}%`)
          .where("kind", "=", "resolve-exception")
          .execute();
        const refused = earlier.filter((row) => row.status === "refused").length;
        const key = `${base}${refused}`;
        await enqueueOperation(transaction, {
          idempotencyKey: key,
          kind: "resolve-exception",
          journeyId: path.journeyId,
          payload: { journeyId: path.journeyId, number: path.number, justificationHash, participantId },
        });
        return key;
      });
      parts.onOperation();
      const outcome = await outcomeOf(
        database,
        parts.notifications,
        idempotencyKey,
        parts.limits.releaseWaitMilliseconds,
        parts.closing,
      );
      if (outcome.status === "refused")
        throw problem(409, "not-resolved", `the ledger refused the resolution: ${outcome.error ?? "no reason given"}`);
      const status = outcome.status === "recorded" ? 201 : 202;
      return { status, body: { number: path.number, code: record.code, justificationHash, recorded: status === 201 } };
    },
  });
  return [resolve];
}

const resolutionSchema = z.strictObject({
  number: z.int(),
  code: z.string(),
  justificationHash: z.string(),
  recorded: z.boolean(),
});
