import { saltUsed } from "./expected-statements.ts";
import type { SignedStatement } from "./signing-client.ts";
import type { Chosen, SigningRequest } from "./requests.ts";

/** The request that does an act with its signatures. */
export function submissionOf(journeyId: string, request: SigningRequest, chosen: Chosen, signed: readonly SignedStatement[]): { path: string; body: unknown } {
  const journey = `/journeys/${journeyId}`;
  const [first] = signed;
  if (first === undefined) throw new RangeError("an act is submitted with a signature");
  const { message } = first;
  const own = { signedAt: new Date(first.signedAt * 1000).toISOString(), signature: first.signature };
  const { reasonSalt } = chosen;
  const time = (member: string) => new Date(Number(message[member]) * 1000).toISOString();
  switch (request.act) {
    case "release":
      return { path: `${journey}/releases`, body: { gate: request.gate, head: message["head"], ...own } };
    case "exception-transition": {
      const { number, to, reason } = request;
      return { path: `${journey}/exceptions/${number}/transitions`, body: { to, reason, reasonSalt, ...own } };
    }
    case "disposition": {
      const { decision, reason } = request;
      return { path: `${journey}/dispositions`, body: { decision, reason, reasonSalt, number: message["number"], head: message["head"], ...own } };
    }
    case "exceptional-release-step":
      return { path: `${journey}/exceptional-release/${request.step}`, body: { reason: request.reason, reasonSalt, number: message["number"], ...own } };
    case "recall-acknowledgement":
      return { path: `${journey}/recall/acknowledgements`, body: { recalls: request.recalls, ...own } };
    case "interval-acceptance": {
      const { leg, exceptionNumber } = request;
      return { path: `${journey}/legs/${leg}/acceptances`, body: { exceptionNumber, from: time("from"), to: time("to"), ...own } };
    }
    case "equipment-acceptance": {
      const { leg, exceptionNumber } = request;
      return { path: `${journey}/legs/${leg}/shipper/acceptances`, body: { exceptionNumber, assignments: message["assignments"], ...own } };
    }
    case "identity-check":
      return { path: `${journey}/identity-checks/${request.linkedCommitment}/signature`, body: own };
    case "access-grant": {
      const { recipient, scopes } = request;
      return { path: `${journey}/grants`, body: { recipient, scopes, grantId: chosen.grantId, keyThumbprint: message["keyThumbprint"], ...own } };
    }
    case "access-revocation":
      return { path: `${journey}/grants/${request.grantId}/revocation`, body: own };
    case "custody-event": {
      const signatures = signed.map(({ facts, message: each, signature }, index) => ({
        salt: saltUsed(facts, chosen.salts[index]),
        sequence: each["sequence"],
        signature,
      }));
      return { path: `${journey}/signed-captures`, body: { document: request.document, signatures } };
    }
  }
}
