import { z } from "zod";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { hashSigningSecret, reauthenticate } from "../signing/signing-secret.ts";

/** The secret by which a person whose key a node keeps proves anew, at each decision, who they are. */
export function signingSecretOperations({ database }: OracleParts): Operation[] {
  const set = operation({
    operationId: "setSigningSecret",
    method: "post",
    path: "/signing-secret",
    tag: "administration",
    summary:
      "Set the secret you sign with besides your API key; from then on every decision signed with your kept key carries it in the header Threadline-Signing-Secret, and so does changing it",
    body: z.strictObject({ secret: z.string().min(12).max(200) }),
    responses: {
      204: { description: "Set; only its hash is kept." },
      401: { description: "The secret set before is not sent along." },
      403: { description: "Not a person's API key, a wrong secret, or locked after too many." },
    },
    async handle({ body, caller }) {
      const participant = caller as ParticipantCaller;
      if (participant.person === null) throw problem(403, "no-person", "an organisation's integration has no signing secret; persons have, each with an API key of their own");
      await reauthenticate(database, participant);
      const hash = await hashSigningSecret(body.secret);
      await database.updateTable("persons").set({ signing_secret: hash }).where("account", "=", participant.account).execute();
      return { status: 204 };
    },
  });
  return [set];
}
