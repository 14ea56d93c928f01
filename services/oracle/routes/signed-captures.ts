import { randomUUID } from "node:crypto";
import { z } from "zod";
import { CUSTODY_EVENT_TYPES } from "../../model/custody/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { requireOwnAccount } from "../dispositions/own-signature.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { anyJourney, refuseErased } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { custodyStatements } from "../signing/custody-statements.ts";
import type { CustodyStatement } from "../signing/custody-statements.ts";
import { preparedDocument } from "../capture/accept-document.ts";
import { hash32Schema, journeyPath, signatureSchema } from "../schemas/common.ts";

const signedEventSchema = z.strictObject({
  salt: hash32Schema.meta({ description: "The salt the event was committed to under, chosen by the signer: 32 random bytes" }),
  sequence: z.int().min(0).max(0xffff_ffff),
  signature: signatureSchema,
});
type SignedEvent = z.output<typeof signedEventSchema>;

const capturedSchema = z.strictObject({
  captureId: z.string().nullable().meta({ description: "The capture job; null when every event was captured before" }),
  events: z.array(z.strictObject({ eventID: z.string(), commitment: z.string(), sequence: z.int(), signer: z.string() })),
});

/** Custody events that the participant signed: this node relays each, and can make none. */
export function signedCaptureOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const capture = operation({
    operationId: "captureSigned",
    method: "post",
    path: "/journeys/{journeyId}/signed-captures",
    tag: "EPCIS",
    summary: "Capture an EPCIS 2.0 document of one journey, each event signed with your own key (CustodyEvent), in the document's order",
    parameters: journeyPath,
    body: z.strictObject({ document: z.looseObject({ type: z.string() }), signatures: z.array(signedEventSchema).min(1) }),
    responses: {
      202: { description: "Taken, durable, and on its way to the ledger.", schema: capturedSchema },
      400: { description: "Not a valid EPCIS document." },
      403: { description: "A signature that is not the caller's, or over something else." },
      404: { description: "No such journey." },
      409: { description: "An event of another journey, or signed for a place in the journey that is taken: sign anew." },
      410: { description: "Erased on the subject's request." },
      413: { description: "More events than one capture may have." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const { journeyId } = path;
      refuseErased(await anyJourney(database, journeyId));
      const document = preparedDocument(body.document, "rollback", parts.limits);
      const statements = await custodyStatements(parts, participant, journeyId, document.events, body.signatures.map(({ salt }) => salt));
      const events = [];
      for (const [index, signed] of body.signatures.entries()) {
        const standing = statements[index];
        if (standing === undefined) throw problem(400, "signatures-do-not-match", "give one signature for each event");
        events.push({ ...standing, signed, signer: await judge(participant, standing, signed) });
      }
      const fresh = events.filter(({ captured }) => captured === null);
      const captureId = fresh.length === 0 ? null : randomUUID();
      if (captureId !== null) {
        const signed = new Map(fresh.map(({ event, signed: given }) => [event.index, given]));
        const submission = { captureId, participantId: participant.participantId, behaviour: "rollback" as const, ...document, signed };
        const outcome = await parts.captures.submit({ ...submission, receivedAtMilliseconds: Date.now() });
        const [error] = outcome.errors;
        if (error !== undefined) throw problem(409, "not-captured", `event ${error.eventIndex}: ${error.detail}`);
      }
      for (const again of events.filter(({ captured }) => captured === "refused")) await resend(participant, again);
      parts.onOperation();
      const captured = events.map(({ event, statement, signed, signer }) => ({
        eventID: event.eventId,
        commitment: statement.message.commitment,
        sequence: signed.sequence,
        signer,
      }));
      return { status: 202, ...(captureId === null ? {} : { headers: { Location: `/capture/${captureId}` } }), body: { captureId, events: captured } };
    },
  });

  /** Throws a problem for what the ledger would refuse; returns the account that signed. */
  async function judge(participant: ParticipantCaller, { event, statement, salt, captured }: CustodyStatement, signed: SignedEvent): Promise<string> {
    const { sequence } = statement.message;
    if (signed.salt !== salt)
      throw problem(409, "captured-before", `event ${event.index} was captured before under another salt; ask for a signing request anew`, { eventIndex: event.index });
    const isWaiting = captured === null || captured === "refused";
    if (isWaiting && signed.sequence !== sequence)
      throw problem(409, "sequence-moved-on", `event ${event.index} is signed for place ${signed.sequence} of the journey, the next is ${sequence}: sign anew`, {
        eventIndex: event.index,
        signed: signed.sequence,
        next: sequence,
      });
    const value = { ...statement.message, sequence: signed.sequence };
    return requireOwnAccount(parts, participant, { contract: "custodyLedger", types: CUSTODY_EVENT_TYPES, value, signature: signed.signature });
  }

  /** One that the ledger refused, signed for another place: the same event under the same commitment. */
  async function resend({ participantId }: ParticipantCaller, { statement, signed }: CustodyStatement & { signed: SignedEvent }): Promise<void> {
    const { sequence: _, ...payload } = statement.message;
    await database.transaction().execute((transaction) =>
      enqueueOperation(transaction, {
        idempotencyKey: `custody-event:${payload.commitment}`,
        kind: "custody-event",
        journeyId: payload.journeyId,
        payload: { ...payload, participantId, own: { sequence: signed.sequence, signature: signed.signature } },
      }),
    );
  }

  return [capture];
}
