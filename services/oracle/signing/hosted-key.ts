import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";

const HOW = 'POST /journeys/{journeyId}/signing-requests tells what to sign, and "threadline sign" signs it on your machine';

/** Throws a problem, 403, when this node cannot sign for the account behind the caller's API key: it keeps no key of it. */
export function requireHostedKey({ account, signsItself }: ParticipantCaller): void {
  if (!signsItself.account) return;
  throw problem(403, "own-signature-required", `the account ${account} signs with its own key, which this node does not hold: send your signature with it; ${HOW}`, {
    account,
  });
}

/** The same for the organisation's own integration, whose key signs what is captured. */
export function requireHostedIntegration({ name, signsItself }: ParticipantCaller): void {
  if (!signsItself.integration) return;
  throw problem(403, "own-signature-required", `${name} signs its events with its own key, which this node does not hold: capture them signed (POST /journeys/{journeyId}/signed-captures); ${HOW}`);
}
