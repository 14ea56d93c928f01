import { z } from "zod";
import {
  DISPOSITION_DECISIONS,
  DISPOSITION_DECISION_TYPES,
  EXCEPTIONAL_RELEASE_STAGES,
  EXCEPTIONAL_RELEASE_STEPS,
  EXCEPTIONAL_RELEASE_STEP_TYPES,
  decideDisposition,
  decidersOf,
  takeExceptionalReleaseStep,
  takersOf,
} from "../../model/custody/index.ts";
import { dispositionState, dispositionView } from "../dispositions/disposition-view.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import { reasonOf, refusalProblem, submitSigned } from "../dispositions/submit.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireHostedKey } from "../signing/hosted-key.ts";
import { hash32Schema, journeyPath, momentSchema, momentText, signatureSchema } from "../schemas/common.ts";

const decisionSchema = z.enum(DISPOSITION_DECISIONS).exclude(["none"]);
const reasonSchema = z.string().trim().min(10).max(4000);
const numberSchema = z.int().min(0).max(0xffff_ffff);

const entrySchema = z.strictObject({
  number: z.int(),
  kind: z.enum(["decision", "step"]),
  what: z.string(),
  by: z.strictObject({ gln: z.string().nullable(), name: z.string().nullable() }),
  signer: z.string(),
  hostedKey: z.boolean(),
  reason: z.string().nullable(),
  reasonHash: z.string(),
  signedAt: momentText,
  recordedAt: momentText,
});

const viewSchema = z.strictObject({
  journeyId: z.string(),
  decision: z.enum(DISPOSITION_DECISIONS),
  exceptionalRelease: z.enum(EXCEPTIONAL_RELEASE_STAGES),
  recalled: z.boolean(),
  next: z.strictObject({ number: z.int(), head: z.string().nullable() }),
  authorityNotification: z
    .strictObject({
      status: z.enum(["running", "overdue", "in-time", "late"]),
      releasedAt: momentText,
      dueAt: momentText,
      secondsLeft: z.int().nullable(),
      notifiedAt: momentText.nullable(),
      acknowledged: z.boolean(),
    })
    .nullable(),
  history: z.array(entrySchema),
});

const doneSchema = z.strictObject({ what: z.string(), reasonHash: z.string(), reasonSalt: z.string(), recorded: z.boolean() });

const answers = {
  201: { description: "Recorded on the ledger.", schema: doneSchema },
  202: { description: "It waits for the ledger; see GET disposition.", schema: doneSchema },
  403: { description: "The caller or the signer may not do this." },
  404: { description: "No such journey." },
  409: { description: "It does not follow from where the disposition stands, or the ledger refused." },
};

/** What becomes of a batch: decisions, and the way of an out-of-specification batch (EU GMP Part IV § 11.5). */
export function dispositionOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const get = operation({
    operationId: "getDisposition",
    method: "get",
    path: "/journeys/{journeyId}/disposition",
    tag: "release",
    summary: "The disposition with its history, the authority's running clock, and what the next signature carries",
    parameters: journeyPath,
    responses: { 200: { description: "The disposition.", schema: viewSchema }, 404: { description: "No such journey." } },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      return { status: 200, body: await dispositionView(database, journey, caller, await parts.now()) };
    },
  });

  const decide = operation({
    operationId: "decideDisposition",
    method: "post",
    path: "/journeys/{journeyId}/dispositions",
    tag: "release",
    summary: "Decide on the batch, with the caller's own signature (DispositionDecision) or the hosted key's",
    parameters: journeyPath,
    body: z
      .strictObject({
        decision: decisionSchema,
        reason: reasonSchema,
        reasonSalt: hash32Schema.optional(),
        number: numberSchema.optional(),
        head: hash32Schema.optional(),
        signedAt: momentSchema.optional(),
        signature: signatureSchema.optional(),
      })
      .refine((body) => isWhole([body.signature, body.reasonSalt, body.number, body.head, body.signedAt]), WHOLE),
    responses: answers,
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const { journeyId } = path;
      const journey = await visibleJourney(database, caller, journeyId);
      const { state } = await dispositionState(database, journey);
      const { decision } = body;
      const actor = { participant: participant.participantId, roles: participant.roles };
      const outcome = decideDisposition(state, decision, actor, await parts.now());
      if ("refusal" in outcome) throw refusalProblem(outcome.refusal, decision, standing(state), decidersOf(decision));
      const reason = reasonOf(body.reason, body.reasonSalt);
      const { number, head, signedAt, signature } = body;
      const own =
        number === undefined || head === undefined || signedAt === undefined || signature === undefined
          ? null
          : { number, head, signedAt, signature };
      if (own === null) await requireHostedKey(database, participant);
      else {
        const value = { journeyId, number: own.number, decision: DISPOSITION_DECISIONS.indexOf(decision), head: own.head, reasonHash: reason.hash };
        await requireOwnSignature(parts, participant, { contract: "dispositionRegister", types: DISPOSITION_DECISION_TYPES, value, ...own });
      }
      const recorded = await submitSigned(
        parts,
        participant,
        {
          idempotencyKey: `disposition:${journeyId}:${reason.hash}`,
          kind: "decide-disposition",
          journeyId,
          payload: { journeyId, decision, reasonHash: reason.hash, participantId: participant.participantId, account: participant.account, own },
        },
        reason,
      );
      return done(decision, reason, recorded);
    },
  });

  const step = operation({
    operationId: "takeExceptionalReleaseStep",
    method: "post",
    path: "/journeys/{journeyId}/exceptional-release/{step}",
    tag: "release",
    summary: "Take a step of an out-of-specification batch's way, with the caller's own signature (ExceptionalReleaseStep) or the hosted key's",
    parameters: z.strictObject({ journeyId: hash32Schema, step: z.enum(EXCEPTIONAL_RELEASE_STEPS) }),
    body: z
      .strictObject({
        reason: reasonSchema,
        reasonSalt: hash32Schema.optional(),
        number: numberSchema.optional(),
        signedAt: momentSchema.optional(),
        signature: signatureSchema.optional(),
      })
      .refine((body) => isWhole([body.signature, body.reasonSalt, body.number, body.signedAt]), WHOLE),
    responses: answers,
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const { journeyId } = path;
      const journey = await visibleJourney(database, caller, journeyId);
      const { state } = await dispositionState(database, journey);
      const actor = { participant: participant.participantId, roles: participant.roles };
      const seconds = journey.flow.authorityNotificationSeconds;
      const outcome = takeExceptionalReleaseStep(state, path.step, actor, await parts.now(), seconds);
      if ("refusal" in outcome) throw refusalProblem(outcome.refusal, path.step, standing(state), takersOf(path.step));
      const reason = reasonOf(body.reason, body.reasonSalt);
      const { number, signedAt, signature } = body;
      const own =
        number === undefined || signedAt === undefined || signature === undefined ? null : { number, signedAt, signature };
      if (own === null) await requireHostedKey(database, participant);
      else {
        const value = { journeyId, number: own.number, step: EXCEPTIONAL_RELEASE_STEPS.indexOf(path.step), documentHash: reason.hash };
        await requireOwnSignature(parts, participant, { contract: "dispositionRegister", types: EXCEPTIONAL_RELEASE_STEP_TYPES, value, ...own });
      }
      const recorded = await submitSigned(
        parts,
        participant,
        {
          idempotencyKey: `disposition:${journeyId}:${reason.hash}`,
          kind: "take-exceptional-release-step",
          journeyId,
          payload: { journeyId, step: path.step, reasonHash: reason.hash, participantId: participant.participantId, account: participant.account, own },
        },
        reason,
      );
      return done(path.step, reason, recorded);
    },
  });

  return [get, decide, step];
}

const WHOLE = "a signature of your own comes with all that it covers, the reasonSalt among it; without one nothing of it is given";

/** All or nothing, but for the salt, which may be given alone. */
function isWhole([signature, reasonSalt, ...signed]: (string | number | undefined)[]): boolean {
  if (signature === undefined) return signed.every((part) => part === undefined);
  return reasonSalt !== undefined && signed.every((part) => part !== undefined);
}

function standing({ decision, stage }: { decision: string; stage: string }): string {
  return stage === "none" ? decision : `${decision}, its exceptional release ${stage}`;
}

function done(what: string, reason: { hash: string; salt: string }, recorded: boolean) {
  return { status: recorded ? 201 : 202, body: { what, reasonHash: reason.hash, reasonSalt: reason.salt, recorded } };
}
