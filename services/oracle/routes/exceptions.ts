import { z } from "zod";
import { EXCEPTION_CLASSES, ROLES } from "../../model/custody/index.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { listWork } from "../journeys/exception-work.ts";
import { prepareTransition } from "../journeys/exception-transition.ts";
import { outcomeOf } from "../journeys/operation-outcome.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { stageSchema, workItemSchema } from "../schemas/exceptions.ts";
import { linkToNext, pageQuery } from "../schemas/paging.ts";
import { hash32Schema, momentSchema, signatureSchema } from "../schemas/common.ts";

const numberText = z
  .string()
  .regex(/^\d{1,9}$/, "a number")
  .transform(Number);

const advancedSchema = z.strictObject({
  number: z.int(),
  code: z.string(),
  from: stageSchema,
  to: stageSchema,
  reasonHash: z.string(),
  reasonSalt: z.string(),
  recorded: z.boolean(),
});

/** What quality does with exceptions: a work list, and moving one from a stage to the next under a signature. */
export function exceptionOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const work = operation({
    operationId: "listExceptions",
    method: "get",
    path: "/exceptions",
    tag: "release",
    summary: "Exceptions of every journey the caller may see, the soonest due first",
    query: pageQuery(parts.limits.pageEntries).extend({
      stage: stageSchema.optional(),
      class: z.enum(EXCEPTION_CLASSES).optional(),
      owner: z.enum(ROLES).optional(),
      overdue: z
        .enum(["true", "false"])
        .transform((text) => text === "true")
        .optional(),
    }),
    responses: {
      200: { description: "A page of exceptions.", schema: z.strictObject({ exceptions: z.array(workItemSchema) }) },
    },
    async handle({ query, caller }) {
      const { perPage, nextPageToken, ...wanted } = query;
      const page = await listWork(database, caller, wanted, { perPage, nextPageToken }, await parts.now());
      const asked = Object.entries({ ...wanted, perPage }).filter(([, value]) => value !== undefined);
      const headers = linkToNext("/exceptions", Object.fromEntries(asked.map(([key, value]) => [key, String(value)])), page.next);
      return { status: 200, headers, body: { exceptions: page.entries } };
    },
  });

  const advance = operation({
    operationId: "advanceException",
    method: "post",
    path: "/journeys/{journeyId}/exceptions/{number}/transitions",
    tag: "release",
    summary: "Move an exception to another stage, with the caller's own signature or the hosted key's",
    parameters: z.strictObject({ journeyId: hash32Schema, number: numberText }),
    body: z
      .strictObject({
        to: stageSchema,
        reason: z.string().trim().min(10).max(4000),
        reasonSalt: hash32Schema.optional(),
        signedAt: momentSchema.optional(),
        signature: signatureSchema.optional(),
      })
      .refine(
        ({ signature, signedAt, reasonSalt }) =>
          (signature === undefined) === (signedAt === undefined) && (signature === undefined || reasonSalt !== undefined),
        "a signature of your own comes with signedAt and the reasonSalt it was made with, and signedAt with no other",
      ),
    responses: {
      201: { description: "Moved on the ledger.", schema: advancedSchema },
      202: { description: "The transition waits for the ledger.", schema: advancedSchema },
      403: { description: "The signer may not do this: no duty, the proposer again, or no signature of the caller's." },
      404: { description: "No such exception on the ledger." },
      409: { description: "The stage does not follow, another transition is under way, or the ledger refused." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      await visibleJourney(database, caller, path.journeyId);
      const prepared = await prepareTransition(parts, participant, { ...path, ...body });
      parts.onOperation();
      const outcome = await outcomeOf(
        database,
        parts.notifications,
        prepared.idempotencyKey,
        parts.limits.releaseWaitMilliseconds,
        parts.closing,
      );
      if (outcome.status === "refused")
        throw problem(409, "not-advanced", `the ledger refused the transition: ${outcome.error ?? "no reason given"}`);
      const recorded = outcome.status === "recorded";
      const { code, from, reasonHash, reasonSalt } = prepared;
      return {
        status: recorded ? 201 : 202,
        body: { number: path.number, code, from, to: body.to, reasonHash, reasonSalt, recorded },
      };
    },
  });

  return [work, advance];
}
