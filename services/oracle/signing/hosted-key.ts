import type { Kysely } from "kysely";
import type { Database } from "../../store/schema.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import { reauthenticate } from "./signing-secret.ts";

const HOW = 'POST /journeys/{journeyId}/signing-requests tells what to sign, and "threadline sign" signs it on your machine';

/**
 * Admits a decision that a kept key is to sign: the person behind the API key has proven anew who they are. Throws a
 * problem, 403, when this node keeps no key of that account, and those of `reauthenticate`.
 */
export async function requireHostedKey(database: Kysely<Database>, caller: ParticipantCaller): Promise<void> {
  const { account, signsItself } = caller;
  if (!signsItself.account) return reauthenticate(database, caller);
  throw problem(403, "own-signature-required", `the account ${account} signs with its own key, which this node does not hold: send your signature with it; ${HOW}`, {
    account,
  });
}

/** The same for the organisation's own integration, whose key signs what is captured. */
export function requireHostedIntegration({ name, signsItself }: ParticipantCaller): void {
  if (!signsItself.integration) return;
  throw problem(403, "own-signature-required", `${name} signs its events with its own key, which this node does not hold: capture them signed (POST /journeys/{journeyId}/signed-captures); ${HOW}`);
}
