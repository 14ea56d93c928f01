import { randomBytes } from "node:crypto";
import { getBytes, hexlify } from "ethers";
import { reasonHash as reasonHashOf } from "../../model/custody/index.ts";
import type { DispositionRefusal, Role } from "../../model/custody/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import type { NewOperation } from "../../store/outbox.ts";
import { sealReason } from "../../store/reasons.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import { outcomeOf } from "../journeys/operation-outcome.ts";
import type { OracleParts } from "../oracle-parts.ts";

export interface Reason {
  reason: string;
  salt: string;
  hash: string;
}

/** The salted hash that stands for a reason on the ledger. */
export function reasonOf(reason: string, salt: string = hexlify(randomBytes(32))): Reason {
  return { reason, salt, hash: reasonHashOf(reason, getBytes(salt)) };
}

/**
 * Puts an operation in the outbox with the reason behind its hash, and waits for the ledger. Returns whether it is
 * recorded. Throws a problem, 409: refused by the ledger, or a salt that served before.
 */
export async function submitSigned(
  parts: OracleParts,
  caller: ParticipantCaller,
  operation: NewOperation & { journeyId: string },
  reason: Reason | null,
): Promise<boolean> {
  const { database } = parts;
  await database.transaction().execute(async (transaction) => {
    if (reason !== null) {
      const kept = await transaction
        .insertInto("disposition_reasons")
        .values({
          reason_hash: reason.hash,
          journey_id: operation.journeyId,
          sealed_reason: await sealReason(transaction, "disposition_reasons", operation.journeyId, reason.hash, { reason: reason.reason, salt: reason.salt }),
          written_by: caller.participantId,
          created_at_milliseconds: Date.now(),
        })
        .onConflict((conflict) => conflict.column("reason_hash").doNothing())
        .returning("reason_hash")
        .executeTakeFirst();
      if (kept === undefined) throw problem(409, "reason-used", "this reason was sent under this salt before; take a new random salt");
    }
    await enqueueOperation(transaction, operation);
  });
  parts.onOperation();
  const { notifications, limits, closing } = parts;
  const outcome = await outcomeOf(database, notifications, operation.idempotencyKey, limits.releaseWaitMilliseconds, closing);
  if (outcome.status === "refused")
    throw problem(409, "refused-by-ledger", `the ledger refused it: ${outcome.error ?? "no reason given"}`, { ledger: outcome.error });
  return outcome.status === "recorded";
}

/** A refusal of the rules as a problem that says what would be needed. */
export function refusalProblem(refusal: DispositionRefusal, what: string, stands: string, needed: readonly Role[]) {
  switch (refusal) {
    case "not-authorised":
      return problem(403, "not-authorised", `${what} is for: ${needed.join(", ")}`);
    case "not-requester":
      return problem(403, "not-requester", `${what} is for the treatment centre that asked for the exceptional release`);
    case "illegal-transition":
      return problem(409, "illegal-transition", `${what} cannot follow: the disposition is ${stands}`);
    case "out-of-order":
      return problem(409, "out-of-order", `${what} is not due: the disposition is ${stands}`);
    case "not-provided-for":
      return problem(409, "not-provided-for", "the journey's flow names no period to notify the authority in, so it has no exceptional release");
  }
}
