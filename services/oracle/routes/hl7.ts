import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ThreadlineError } from "../../model/errors.ts";
import { acknowledgementOf, messageIdentityOf, parseHl7Message, patientEventOf } from "../../model/patient/hl7/index.ts";
import type { AcknowledgementCode, Hl7ErrorCode, Hl7Message, PatientEvent } from "../../model/patient/hl7/index.ts";
import type { Actor, Outcome } from "../../patients/index.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { actorOf } from "../schemas/patients.ts";

/** Media types of ER7 over HTTP; the first is the one answered. */
const HL7_MEDIA_TYPES = ["x-application/hl7-v2+er7", "application/hl7-v2"] as const;

const LONGEST_MESSAGE = 64 * 1024;

/** HTTP status of an acknowledgement: what was not applied is no success. */
const STATUSES: Readonly<Record<AcknowledgementCode, number>> = { AA: 200, AE: 422, AR: 400 };

interface Answered {
  code: AcknowledgementCode;
  text: string;
  error?: Hl7ErrorCode | undefined;
}

/** What hospitals send: ADT messages that merge and unlink patients, answered with the HL7 acknowledgement. */
export function hl7Operations(parts: OracleParts): Operation[] {
  const acknowledgement = { mediaType: HL7_MEDIA_TYPES[0], schema: z.string() };
  const receive = operation({
    operationId: "receiveHl7Message",
    method: "post",
    path: "/hl7/v2",
    tag: "patients",
    summary: "Take one HL7 v2 ADT message (ER7): A40, A34, A18 merge; A37 unlinks; other events that change no identifier are acknowledged",
    textMediaTypes: HL7_MEDIA_TYPES,
    body: z.string().min(1).max(LONGEST_MESSAGE),
    responses: {
      200: { description: "AA: applied, or nothing to apply; MSA-3 says which.", ...acknowledgement },
      400: { description: "AR: unreadable, or of a type, event, version or processing id that is not taken.", ...acknowledgement },
      422: { description: "AE: read, but not applied; ERR says why.", ...acknowledgement },
    },
    async handle({ body, caller }) {
      const actor = actorOf(caller);
      const { message, answer } = await receiveMessage(parts, actor, body);
      const controlId = randomBytes(10).toString("hex");
      const text = acknowledgementOf(message, { ...answer, controlId, answeredAt: new Date() });
      return { status: STATUSES[answer.code], mediaType: HL7_MEDIA_TYPES[0], body: text };
    },
  });
  return [receive];
}

async function receiveMessage(
  parts: OracleParts,
  actor: Actor,
  text: string,
): Promise<{ message: Hl7Message | undefined; answer: Answered }> {
  let message: Hl7Message | undefined;
  try {
    message = parseHl7Message(text);
    return { message, answer: await apply(parts, actor, patientEventOf(message), messageIdentityOf(message)) };
  } catch (error) {
    if (!(error instanceof ThreadlineError)) throw error;
    if (error.code === "hl7-malformed")
      return { message, answer: { code: message === undefined ? "AR" : "AE", text: error.message, error: "102" } };
    if (error.code === "hl7-invalid")
      return { message, answer: { code: "AE", text: error.message, error: error.details["error"] as Hl7ErrorCode } };
    throw error;
  }
}

async function apply(parts: OracleParts, actor: Actor, event: PatientEvent, identity: string): Promise<Answered> {
  switch (event.kind) {
    case "none":
      return { code: "AA", text: event.reason };
    case "unsupported":
      return { code: "AR", text: event.reason, error: event.error };
    case "merge": {
      const outcome = await parts.patients.merge(actor, event.pairs, identity);
      if (!outcome.granted && outcome.code === "unknown-patient")
        return { code: "AA", text: "neither identifier is known here; nothing was stored" };
      return answerTo(parts, outcome, ({ merges }) => ({
        conflicts: merges.flatMap((merge) => merge.conflicts),
        text: merges.every((merge) => merge.standing) ? "applied before; nothing was changed" : `merged (${merges.map(({ merge }) => merge).join(", ")})`,
      }));
    }
    case "unlink": {
      const outcome = await parts.patients.unmerge(actor, event.pair, identity);
      if (!outcome.granted && outcome.code === "message-repeated") return { code: "AA", text: "applied before; nothing was changed" };
      return answerTo(parts, outcome, (result) => ({
        conflicts: result.conflicts,
        text: result.outOfOrder ? `unmerged out of order (${result.merge})` : `unmerged (${result.merge})`,
      }));
    }
  }
}

function answerTo<Value>(
  parts: OracleParts,
  outcome: Outcome<Value>,
  done: (value: Value) => { conflicts: string[]; text: string },
): Answered {
  if (!outcome.granted) return { code: "AE", text: outcome.reason, error: "204" };
  const { conflicts, text } = done(outcome.value);
  if (conflicts.length === 0) return { code: "AA", text };
  parts.onOperation();
  return { code: "AA", text: `${text}; ${conflicts.length} open journeys flagged patient-merge-conflict` };
}
