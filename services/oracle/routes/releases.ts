import type { Transaction } from "kysely";
import { z } from "zod";
import { enqueueOperation } from "../../store/outbox.ts";
import type { Database } from "../../store/schema.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { CHECK_STATUSES, describeChecks, failingChecks, gateChecks, gateOf } from "../journeys/gate-checks.ts";
import { outcomeOf } from "../journeys/operation-outcome.ts";
import { releasesOf } from "../journeys/status.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { isSameDecision, ownDecision, refuseOtherDecision } from "../signing/release-decision.ts";
import type { OwnDecision } from "../signing/release-decision.ts";
import { hash32Schema, journeyPath, momentSchema, momentText, nameSchema, signatureSchema } from "../schemas/common.ts";

const checkSchema = z.strictObject({
  check: z.string(),
  name: z.string().nullable(),
  status: z.enum(CHECK_STATUSES),
});
const releaseSchema = z.looseObject({ gate: z.string(), releasedAt: momentText });

/** Release decisions: the ledger checks, a person with the gate's duty decides. */
export function releaseOperations(parts: OracleParts): Operation[] {
  const { database, ledger } = parts;

  const checks = operation({
    operationId: "getGateChecks",
    method: "get",
    path: "/journeys/{journeyId}/gates/{gate}/checks",
    tag: "release",
    summary: "Every release check of a gate, as the ledger answers it now",
    parameters: z.strictObject({ journeyId: hash32Schema, gate: nameSchema }),
    responses: {
      200: {
        description: "The checks.",
        schema: z.strictObject({ gate: z.string(), releasable: z.boolean(), checks: z.array(checkSchema) }),
      },
      404: { description: "No such journey or gate." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const list = await gateChecks(ledger, journey, gateOf(journey, path.gate));
      return { status: 200, body: { gate: path.gate, releasable: failingChecks(list).length === 0, checks: list } };
    },
  });

  const release = operation({
    operationId: "releaseGate",
    method: "post",
    path: "/journeys/{journeyId}/releases",
    tag: "release",
    summary: "Release a gate, with the caller's own signature (ReleaseDecision) or the hosted key's; the signer needs a duty the gate asks for",
    parameters: journeyPath,
    body: z
      .strictObject({ gate: nameSchema, head: hash32Schema.optional(), signedAt: momentSchema.optional(), signature: signatureSchema.optional() })
      .refine(
        ({ head, signedAt, signature }) => new Set([head, signedAt, signature].map((part) => part === undefined)).size === 1,
        "a signature of your own comes with head and signedAt, and none of them without it",
      ),
    responses: {
      201: { description: "Released on the ledger.", schema: releaseSchema },
      202: {
        description: "The decision waits for the ledger; see GET releases.",
        schema: z.looseObject({ status: z.literal("pending") }),
      },
      403: { description: "The caller has no duty the gate asks for, or the gate wants a signature of their own that is not there or not theirs." },
      409: { description: "Not releasable: the failing checks are named. Or released before." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const journey = await visibleJourney(database, participant, path.journeyId);
      const number = gateOf(journey, body.gate);
      const duties = journey.flow.gates[number]?.roles ?? [];
      if (!duties.some((role) => participant.roles.includes(role)))
        throw problem(403, "not-authorised", `the gate "${body.gate}" is released by: ${duties.join(", ")}`);
      const own = await ownDecision(parts, participant, journey, number, body);
      const existing = (await releasesOf(database, journey)).find((candidate) => candidate.gate === body.gate);
      if (existing !== undefined && (await isSameDecision(database, path.journeyId, number, own))) return { status: 201, body: existing };
      if (existing !== undefined)
        throw problem(409, "already-released", `the gate "${body.gate}" was released at ${existing.releasedAt}`, {
          existing,
        });
      const key = await database
        .transaction()
        .execute((transaction) => decide(transaction, path.journeyId, number, participant, own));
      parts.onOperation();
      const outcome = await outcomeOf(
        database,
        parts.notifications,
        key,
        parts.limits.releaseWaitMilliseconds,
        parts.closing,
      );
      if (outcome.status === "recorded") {
        const released = (await releasesOf(database, journey)).find((candidate) => candidate.gate === body.gate);
        return { status: 201, body: released ?? { gate: body.gate } };
      }
      if (outcome.status !== "refused") return { status: 202, body: { status: "pending", gate: body.gate } };
      const failing = failingChecks(await gateChecks(ledger, journey, number));
      const detail =
        failing.length > 0
          ? `not releasable: ${describeChecks(failing)}`
          : `the ledger refused the release: ${outcome.error ?? "no reason given"}`;
      throw problem(409, "not-releasable", detail, { gate: body.gate, checks: failing, ledger: outcome.error });
    },
  });

  const list = operation({
    operationId: "listReleases",
    method: "get",
    path: "/journeys/{journeyId}/releases",
    tag: "release",
    summary: "Gates released, by whom and on which record",
    parameters: journeyPath,
    responses: {
      200: { description: "The releases.", schema: z.strictObject({ releases: z.array(releaseSchema) }) },
      404: { description: "No such journey." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      return { status: 200, body: { releases: await releasesOf(database, journey) } };
    },
  });

  return [checks, release, list];
}

/** A decision under way is joined, not doubled; after a refusal the same gate may be decided anew. */
async function decide(
  transaction: Transaction<Database>,
  journeyId: string,
  gate: number,
  { participantId, account }: ParticipantCaller,
  own: OwnDecision | null,
): Promise<string> {
  await refuseOtherDecision(transaction, journeyId, gate, own);
  const { refused } = await transaction
    .selectFrom("ledger_operations")
    .select((select) => select.fn.countAll<number>().as("refused"))
    .where("kind", "=", "release-gate")
    .where("idempotency_key", "like", `release:${journeyId}:${gate}%`)
    .where("status", "=", "refused")
    .executeTakeFirstOrThrow();
  const attempts = Number(refused);
  const idempotencyKey = attempts === 0 ? `release:${journeyId}:${gate}` : `release:${journeyId}:${gate}:${attempts}`;
  await enqueueOperation(transaction, {
    idempotencyKey,
    kind: "release-gate",
    journeyId,
    payload: { journeyId, gate, participantId, account, own },
  });
  return idempotencyKey;
}
