import { z } from "zod";
import { INTERVAL_ACCEPTANCE_TYPES } from "../../model/custody/index.ts";
import { EXCEPTION_STAGES } from "../../model/custody/exception-lifecycle.ts";
import { nextInterval } from "../dispositions/next-interval.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import { submitSigned } from "../dispositions/submit.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { legOf } from "../journeys/leg-of.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireHostedKey } from "../signing/hosted-key.ts";
import { hash32Schema, momentSchema, momentText, nameSchema, rfc3339, signatureSchema } from "../schemas/common.ts";

const ACCEPTED = EXCEPTION_STAGES.indexOf("accepted");

const intervalSchema = z.strictObject({ from: momentText, to: momentText });
const acceptedSchema = intervalSchema.extend({ leg: z.string(), exceptionNumber: z.int(), recorded: z.boolean() });
const listSchema = z.strictObject({
  leg: z.string(),
  accepted: z.array(intervalSchema.extend({ number: z.int(), exceptionNumber: z.int(), recordedAt: momentText })),
  next: intervalSchema.nullable(),
  /** Why there is nothing to accept. */
  reason: z.string().nullable(),
});
const legPath = z.strictObject({ journeyId: hash32Schema, leg: nameSchema });

/** Intervals of a leg that nothing proves, taken on by a qualified person under an accepted exception. */
export function intervalAcceptanceOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const list = operation({
    operationId: "listIntervalAcceptances",
    method: "get",
    path: "/journeys/{journeyId}/legs/{leg}/acceptances",
    tag: "condition",
    summary: "Intervals accepted without proof, and the one that could be accepted next: exactly what cannot be proven",
    parameters: legPath,
    responses: { 200: { description: "The intervals.", schema: listSchema }, 404: { description: "No such journey or leg." } },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const { leg, definition } = legOf(journey.flow, path.leg);
      const rows = await database
        .selectFrom("chain_interval_acceptances")
        .selectAll()
        .where("journey_id", "=", path.journeyId)
        .where("leg", "=", leg)
        .orderBy("number")
        .execute();
      const next = await nextInterval(parts, journey, definition, leg);
      return {
        status: 200,
        body: {
          leg: path.leg,
          accepted: rows.map((row) => ({
            number: row.number,
            from: rfc3339(row.from_seconds),
            to: rfc3339(row.to_seconds),
            exceptionNumber: row.exception_number,
            recordedAt: rfc3339(row.recorded_at),
          })),
          next: typeof next === "string" ? null : { from: rfc3339(next.from), to: rfc3339(next.to) },
          reason: typeof next === "string" ? next : null,
        },
      };
    },
  });

  const accept = operation({
    operationId: "acceptInterval",
    method: "post",
    path: "/journeys/{journeyId}/legs/{leg}/acceptances",
    tag: "condition",
    summary: "Accept the next interval without proof under an accepted exception, with your own signature (IntervalAcceptance) or the hosted key's",
    parameters: legPath,
    body: z
      .strictObject({
        exceptionNumber: z.int().min(0).max(0xffff_ffff),
        from: momentSchema.optional(),
        to: momentSchema.optional(),
        signedAt: momentSchema.optional(),
        signature: signatureSchema.optional(),
      })
      .refine(
        ({ from, to, signedAt, signature }) => new Set([from, to, signedAt, signature].map((part) => part === undefined)).size === 1,
        "a signature of your own comes with from, to and signedAt, and none of them without it",
      ),
    responses: {
      201: { description: "Accepted on the ledger; proofs go on from its end.", schema: acceptedSchema },
      202: { description: "It waits for the ledger.", schema: acceptedSchema },
      403: { description: "No signature of the caller's." },
      404: { description: "No such journey, leg or exception." },
      409: { description: "Nothing to accept, an exception that does not cover it, or refused by the ledger." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const { journeyId } = path;
      const { exceptionNumber } = body;
      const journey = await visibleJourney(database, caller, journeyId);
      const { leg, definition } = legOf(journey.flow, path.leg);
      const next = await nextInterval(parts, journey, definition, leg);
      if (typeof next === "string") throw problem(409, "nothing-to-accept", `leg "${path.leg}" has no interval to accept: ${next}`);
      const { from, to } = next;
      if (body.from !== undefined && (body.from !== from || body.to !== to))
        throw problem(409, "another-interval", `what cannot be proven runs from ${rfc3339(from)} to ${rfc3339(to)}; sign that interval`, {
          from: rfc3339(from),
          to: rfc3339(to),
        });
      await requireCoveringException(journeyId, leg, exceptionNumber, next);
      const { signedAt, signature } = body;
      const own = signedAt === undefined || signature === undefined ? null : { signedAt, signature };
      if (own === null) await requireHostedKey(database, participant);
      else
        await requireOwnSignature(parts, participant, {
          contract: "conditionProofs",
          types: INTERVAL_ACCEPTANCE_TYPES,
          value: { journeyId, leg, from, to, exceptionNumber },
          ...own,
        });
      const recorded = await submitSigned(
        parts,
        participant,
        {
          idempotencyKey: `interval-acceptance:${journeyId}:${leg}:${from}:${to}:${exceptionNumber}`,
          kind: "accept-interval",
          journeyId,
          payload: { journeyId, leg, from, to, exceptionNumber, participantId: participant.participantId, account: participant.account, own },
        },
        null,
      );
      return {
        status: recorded ? 201 : 202,
        body: { leg: path.leg, from: rfc3339(from), to: rfc3339(to), exceptionNumber, recorded },
      };
    },
  });

  async function requireCoveringException(journeyId: string, leg: number, number: number, { from, to }: { from: number; to: number }) {
    const record = await database
      .selectFrom("chain_exceptions")
      .select(["leg", "occurred_at", "outcome", "code"])
      .where("journey_id", "=", journeyId)
      .where("number", "=", number)
      .executeTakeFirst();
    if (record === undefined) throw problem(404, "unknown-exception", `the ledger has no exception ${number} of this journey`);
    if (record.leg !== leg + 1) throw problem(409, "another-leg", `exception ${number}, ${record.code}, is not one of this leg`);
    if (record.outcome !== ACCEPTED)
      throw problem(409, "not-accepted", `exception ${number}, ${record.code}, was not accepted with a justification; that comes first`);
    // The ledger takes what occurred within the last tick; it has the last word.
    if (record.occurred_at < from)
      throw problem(
        409,
        "occurred-elsewhere",
        `exception ${number} occurred at ${rfc3339(record.occurred_at)}, the interval runs from ${rfc3339(from)} to ${rfc3339(to)}`,
      );
  }

  return [list, accept];
}
