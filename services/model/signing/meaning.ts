import { DISPOSITION_DECISIONS, EXCEPTIONAL_RELEASE_STEPS } from "../custody/disposition.ts";
import { EXCEPTION_STAGES } from "../custody/exception-lifecycle.ts";
import type { FlowDefinition } from "../custody/flow.ts";
import { bitmapToScopes } from "../privacy/access.ts";
import type { Statement } from "./statement.ts";

/**
 * The meaning of a signature in words (21 CFR 11.50 (a)(3)), made from what is signed and from the journey's flow alone:
 * signer and node each make it for themselves. `flow` may be null for an act that names none of its parts.
 */
export function meaningOf(statement: Statement, flow: Pick<FlowDefinition, "steps" | "legs" | "gates"> | null): string {
  const { act, message } = statement;
  switch (act) {
    case "release": {
      const gate = flow?.gates[message.gate];
      return `Released: ${gate === undefined ? `gate ${message.gate}` : `${gate.title} (${gate.gate})`}, on the record with the head ${message.head}.`;
    }
    case "exception-transition":
      return `Exception ${message.number} moved from ${stage(message.from)} to ${stage(message.to)}, for the reason with the hash ${message.reasonHash}.`;
    case "disposition":
      return `Disposition of the batch decided: ${DISPOSITION_DECISIONS[message.decision] ?? message.decision}, on the record with the head ${message.head}.`;
    case "exceptional-release-step":
      return `Step of the exceptional release taken: ${EXCEPTIONAL_RELEASE_STEPS[message.step] ?? message.step}.`;
    case "recall-acknowledgement":
      return `Recall received: the first ${message.recalls} recalls of the journey.`;
    case "interval-acceptance":
      return `Accepted without proof: ${legName(flow, message.leg)} from ${time(message.from)} to ${time(message.to)}, under exception ${message.exceptionNumber}.`;
    case "equipment-acceptance":
      return `Accepted as it was: what carried ${legName(flow, message.leg)}, ${message.assignments} shippers in all, under exception ${message.exceptionNumber}.`;
    case "identity-check":
      return `Identity checked by the signer at "${stepName(flow, message.step)}".`;
    case "custody-event":
      return `Done by the signer: "${stepName(flow, message.step)}" at ${time(message.occurredAt)}, entry ${message.sequence} of the journey.`;
    case "access-grant":
      return `Access granted to ${bitmapToScopes(message.scope).join(" and ")} of the journey, for the key ${message.keyThumbprint}.`;
    case "access-revocation":
      return `Access revoked: grant ${message.grantId}.`;
    case "own-keys":
      return "From now on no node signs for this organisation; only its own keys do.";
    case "account-endorsement":
      return `The account ${message.account} signs for this organisation from now on.`;
  }
}

const stage = (place: number) => EXCEPTION_STAGES[place] ?? String(place);
const time = (seconds: number) => new Date(seconds * 1000).toISOString();

function stepName(flow: Pick<FlowDefinition, "steps"> | null, step: number): string {
  return flow?.steps[step]?.title ?? `step ${step}, which the flow does not plan`;
}

function legName(flow: Pick<FlowDefinition, "legs"> | null, leg: number): string {
  return `leg "${flow?.legs[leg]?.leg ?? leg}"`;
}
