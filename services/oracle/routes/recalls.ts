import { z } from "zod";
import { RECALL_ACKNOWLEDGEMENT_TYPES } from "../../model/custody/index.ts";
import { dispositionState, readsReasons } from "../dispositions/disposition-view.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import { recallHolders } from "../dispositions/recall-holders.ts";
import { submitSigned } from "../dispositions/submit.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireHostedKey } from "../signing/hosted-key.ts";
import { journeyPath, momentSchema, momentText, rfc3339, signatureSchema } from "../schemas/common.ts";

const holderSchema = z.strictObject({
  participantId: z.string(),
  gln: z.string().nullable(),
  name: z.string().nullable(),
  holds: z.enum(["now", "before", "took-part"]),
  acknowledgedRecalls: z.int(),
  acknowledgedAt: momentText.nullable(),
});

const recallSchema = z.strictObject({
  journeyId: z.string(),
  recalls: z.array(
    z.strictObject({ number: z.int(), exceptionNumber: z.int(), code: z.string(), raisedAt: momentText }),
  ),
  /** Whether a recall stands that no qualified person's decision has judged: it holds every gate. */
  standing: z.boolean(),
  holders: z.array(holderSchema),
});

const acknowledgedSchema = z.strictObject({ recalls: z.int(), recorded: z.boolean() });

/** Recalls: what was raised, whom it must reach, and who says it has. */
export function recallOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const get = operation({
    operationId: "getRecall",
    method: "get",
    path: "/journeys/{journeyId}/recall",
    tag: "release",
    summary: "Recalls of a journey and every holder past and present, with who has acknowledged; a holder sees themselves",
    parameters: journeyPath,
    responses: { 200: { description: "The recalls; none is an empty list.", schema: recallSchema }, 404: { description: "No such journey." } },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const rows = await database
        .selectFrom("chain_recalls")
        .selectAll()
        .where("journey_id", "=", path.journeyId)
        .orderBy("number")
        .execute();
      const { state } = await dispositionState(database, journey);
      const holders = rows.length === 0 ? [] : await recallHolders(database, journey);
      const shown = readsReasons(caller)
        ? holders
        : holders.filter(({ participantId }) => participantId === (caller as ParticipantCaller).participantId);
      return {
        status: 200,
        body: {
          journeyId: path.journeyId,
          recalls: rows.map((row) => ({
            number: row.number,
            exceptionNumber: row.exception_number,
            code: row.code,
            raisedAt: rfc3339(row.raised_at),
          })),
          standing: state.recalls !== state.recallsJudged,
          holders: shown,
        },
      };
    },
  });

  const acknowledge = operation({
    operationId: "acknowledgeRecall",
    method: "post",
    path: "/journeys/{journeyId}/recall/acknowledgements",
    tag: "release",
    summary: "Say that the recalls so far have reached you, with your own signature (RecallAcknowledgement) or the hosted key's",
    parameters: journeyPath,
    body: z
      .strictObject({
        /** How many recalls: all up to this one. */
        recalls: z.int().min(1).max(0xffff_ffff),
        signedAt: momentSchema.optional(),
        signature: signatureSchema.optional(),
      })
      .refine(({ signedAt, signature }) => (signedAt === undefined) === (signature === undefined), "signature and signedAt come together"),
    responses: {
      201: { description: "Acknowledged on the ledger.", schema: acknowledgedSchema },
      202: { description: "It waits for the ledger.", schema: acknowledgedSchema },
      403: { description: "No signature of the caller's." },
      404: { description: "No such journey." },
      409: { description: "No such recall, acknowledged before, or refused by the ledger." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const { journeyId } = path;
      const { recalls } = body;
      const journey = await visibleJourney(database, caller, journeyId);
      const { state } = await dispositionState(database, journey);
      if (recalls > state.recalls)
        throw problem(409, "no-such-recall", `the ledger has ${state.recalls} recalls of this journey, not ${recalls}`);
      const index = await participantIndexOf(participant);
      const { signedAt, signature } = body;
      const own = signedAt === undefined || signature === undefined ? null : { signedAt, signature };
      if (own === null) await requireHostedKey(database, participant);
      else
        await requireOwnSignature(parts, participant, {
          contract: "dispositionRegister",
          types: RECALL_ACKNOWLEDGEMENT_TYPES,
          value: { journeyId, recalls },
          ...own,
        });
      const recorded = await submitSigned(
        parts,
        participant,
        {
          idempotencyKey: `recall-acknowledgement:${journeyId}:${index}:${recalls}`,
          kind: "acknowledge-recall",
          journeyId,
          payload: { journeyId, recalls, participantId: participant.participantId, account: participant.account, participantIndex: index, own },
        },
        null,
      );
      return { status: recorded ? 201 : 202, body: { recalls, recorded } };
    },
  });

  async function participantIndexOf({ participantId }: ParticipantCaller): Promise<number> {
    const row = await database
      .selectFrom("chain_participants")
      .select("participant_index")
      .where("participant_id", "=", participantId)
      .executeTakeFirst();
    if (row === undefined) throw problem(409, "not-recorded-yet", "you are not on the ledger yet; ask again once you are registered there");
    return row.participant_index;
  }

  return [get, acknowledge];
}
