import { getBytes } from "ethers";
import { EXCEPTION_STAGES } from "../model/custody/exception-lifecycle.ts";
import {
  DISPOSITION_DECISIONS,
  EXCEPTIONAL_RELEASE_STEPS,
  gateNumber,
  legNumber,
  participantIdOf,
  reasonHash,
  stepNumber,
} from "../model/custody/index.ts";
import type { FlowDefinition } from "../model/custody/index.ts";
import { blindingFromBytes, identityCommitment } from "../model/identity/index.ts";
import { NO_KEY_THUMBPRINT, scopesToBitmap, wrapsKeys } from "../model/privacy/access.ts";
import { keyThumbprint, recipientKeySchema } from "../model/privacy/key-wrap.ts";
import { headOf } from "../model/signing/index.ts";
import type { Statement } from "../model/signing/index.ts";
import { z } from "zod";
import { factsOf } from "./custody-document.ts";
import type { Chosen, SigningRequest } from "./requests.ts";
import { notAsAsked } from "./not-as-asked.ts";

/** One statement as the oracle prepared it. */
export interface PreparedStatement {
  message: Record<string, string | number>;
  facts: Record<string, unknown>;
}

const text = z.string();
const seconds = z.int().min(0);
const recordSchema = z.strictObject({
  journeyId: text,
  flow: z.int(),
  identityCommitment: text,
  events: z.array(z.strictObject({ commitment: text, step: z.int(), occurredAt: seconds, recordedAt: seconds, signer: text })),
});
const openingSchema = z.strictObject({ chainOfIdentity: text, blinding: text }).nullable();
const counter = z.int().min(0).max(0xffff_ffff);

/**
 * What the signer asked for, made by the signer: values that follow from the request, from the flow or from the record
 * are made anew, and only counters and times that the ledger judges are taken from what was prepared. Throws
 * `not-what-was-asked` where the facts that came along do not make the values.
 */
export async function expectedStatements(
  journeyId: string,
  request: SigningRequest,
  { reasonSalt, grantId, salts }: Chosen,
  flow: FlowDefinition,
  prepared: readonly PreparedStatement[],
): Promise<Statement[]> {
  const [first] = prepared;
  if (first === undefined || (request.act !== "custody-event" && prepared.length !== 1)) throw notAsAsked("it prepared another number of statements");
  const { message, facts } = first;
  const hashed = () => reasonHash("reason" in request ? request.reason : "", getBytes(reasonSalt));
  const record = () => {
    const given = recordSchema.parse(facts["record"]);
    if (given.journeyId !== journeyId) throw notAsAsked("the record is another journey's");
    return headOf(given);
  };
  switch (request.act) {
    case "release":
      return [{ act: request.act, message: { journeyId, gate: place(gateNumber(flow, request.gate), "gate", request.gate), head: record() } }];
    case "exception-transition": {
      const from = z.int().min(0).max(EXCEPTION_STAGES.length - 1).parse(message["from"]);
      return [{ act: request.act, message: { journeyId, number: request.number, from, to: EXCEPTION_STAGES.indexOf(request.to), reasonHash: hashed() } }];
    }
    case "disposition": {
      const decision = DISPOSITION_DECISIONS.indexOf(request.decision);
      return [{ act: request.act, message: { journeyId, number: counter.parse(message["number"]), decision, head: record(), reasonHash: hashed() } }];
    }
    case "exceptional-release-step": {
      const step = EXCEPTIONAL_RELEASE_STEPS.indexOf(request.step);
      return [{ act: request.act, message: { journeyId, number: counter.parse(message["number"]), step, documentHash: hashed() } }];
    }
    case "recall-acknowledgement":
      return [{ act: request.act, message: { journeyId, recalls: request.recalls } }];
    case "interval-acceptance": {
      const [from, to] = [seconds.parse(message["from"]), seconds.parse(message["to"])];
      const { exceptionNumber } = request;
      return [{ act: request.act, message: { journeyId, leg: place(legNumber(flow, request.leg), "leg", request.leg), from, to, exceptionNumber } }];
    }
    case "equipment-acceptance": {
      const assignments = counter.parse(message["assignments"]);
      const { exceptionNumber } = request;
      return [{ act: request.act, message: { journeyId, leg: place(legNumber(flow, request.leg), "leg", request.leg), assignments, exceptionNumber } }];
    }
    case "identity-check": {
      const { linkedCommitment, chainOfIdentity } = request;
      const opening = openingSchema.parse(facts["opening"]);
      // Null where a patient is bound: the pseudonym is nobody's to see, and the proof on the ledger stands for it.
      if (opening !== null && opening.chainOfIdentity !== chainOfIdentity) throw notAsAsked("the check is of another Chain of Identity");
      if (opening !== null && commitmentTo(chainOfIdentity, opening.blinding) !== linkedCommitment)
        throw notAsAsked("the check's commitment does not open to what was scanned");
      return [{ act: request.act, message: { journeyId, step: place(stepNumber(flow, request.step), "step", request.step), linkedCommitment } }];
    }
    case "access-grant": {
      const key = wrapsKeys(request.scopes) ? await keyThumbprint(recipientKeySchema.parse(facts["publicKey"])) : NO_KEY_THUMBPRINT;
      if (request.keyThumbprint !== undefined && request.keyThumbprint !== key) throw notAsAsked(`the recipient's key is ${key}, not the one given`);
      const participantId = participantIdOf(request.recipient);
      return [{ act: request.act, message: { grantId, journeyId, participantId, scope: scopesToBitmap(request.scopes), keyThumbprint: key } }];
    }
    case "access-revocation":
      return [{ act: request.act, message: { grantId: request.grantId } }];
    case "custody-event": {
      const used = prepared.map((each, index) => saltUsed(each.facts, salts[index]));
      return factsOf(request.document, flow, used).map((fact, index) => ({
        act: request.act,
        message: { journeyId, sequence: counter.parse(prepared[index]?.message["sequence"]), ...fact },
      }));
    }
  }
}

/** An event captured before keeps the salt it was committed to under; any other has the signer's own. */
export function saltUsed({ salt, captured }: Record<string, unknown>, own: string | undefined): string {
  if (typeof salt !== "string" || own === undefined) throw notAsAsked("an event has no salt");
  if (captured === null && salt !== own) throw notAsAsked("an event is committed to under a salt that is not the signer's");
  return salt;
}

function commitmentTo(coi: string, blinding: string): string {
  return identityCommitment({ coi, patient: null, blinding: blindingFromBytes(getBytes(blinding)) }).toString();
}

function place(found: number, kind: string, name: string): number {
  if (found < 0) throw notAsAsked(`the journey's flow has no ${kind} "${name}"`);
  return found;
}
