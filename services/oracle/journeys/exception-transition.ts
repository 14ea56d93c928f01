import { randomBytes } from "node:crypto";
import { getBytes, hexlify, verifyTypedData } from "ethers";
import type { Transaction } from "kysely";
import { EXCEPTION_STAGES, dutiesFrom, transitionRefusal } from "../../model/custody/exception-lifecycle.ts";
import type { ExceptionStage, ExceptionState } from "../../model/custody/exception-lifecycle.ts";
import { EXCEPTION_TRANSITION_TYPES, reasonHash as reasonHashOf, threadlineDomain } from "../../model/custody/index.ts";
import { LONGEST_SIGNATURE_AGE_SECONDS, isFreshSignature } from "../../model/custody/signing-time.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { reasonsOf, sealReason } from "../../store/reasons.ts";
import type { Database } from "../../store/schema.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { rfc3339 } from "../schemas/common.ts";
import { requireHostedKey } from "../signing/hosted-key.ts";
import { nextStages, stageAt } from "./exception-progress.ts";

export interface TransitionRequest {
  journeyId: string;
  number: number;
  to: ExceptionStage;
  reason: string;
  reasonSalt?: string | undefined;
  /** Unix seconds. */
  signedAt?: number | undefined;
  signature?: string | undefined;
}

export interface PreparedTransition {
  idempotencyKey: string;
  code: string;
  from: ExceptionStage;
  reasonHash: string;
  reasonSalt: string;
}

interface KnownException {
  code: string;
  state: ExceptionState;
  transitions: number;
}

/**
 * Judges a transition as the ledger will, so that the caller learns why not, and puts it in the outbox with its reason.
 * Throws a problem: 404 unknown, 409 for a stage that does not follow, 403 for a signer who may not.
 */
export async function prepareTransition(
  parts: OracleParts,
  caller: ParticipantCaller,
  request: TransitionRequest,
): Promise<PreparedTransition> {
  const known = await knownException(parts, request);
  const reasonSalt = request.reasonSalt ?? hexlify(randomBytes(32));
  const reasonHash = reasonHashOf(request.reason, getBytes(reasonSalt));
  const signer = await signerOf(parts, caller, request, known.state.stage, reasonHash);
  refuse(known.state, request, signer, caller);
  return parts.database.transaction().execute((transaction) => enqueue(transaction, signer, caller, request, known, reasonSalt));
}

async function knownException({ database }: OracleParts, { journeyId, number }: TransitionRequest): Promise<KnownException> {
  const record = await database
    .selectFrom("chain_exceptions")
    .select(["code", "stage", "outcome", "proposer"])
    .where("journey_id", "=", journeyId)
    .where("number", "=", number)
    .executeTakeFirst();
  if (record === undefined) throw problem(404, "unknown-exception", `the ledger has no exception ${number} of this journey`);
  const { transitions } = await database
    .selectFrom("chain_exception_transitions")
    .select((select) => select.fn.countAll<number>().as("transitions"))
    .where("journey_id", "=", journeyId)
    .where("number", "=", number)
    .executeTakeFirstOrThrow();
  const outcome = record.outcome === null ? null : stageAt(record.outcome) === "accepted" ? "accepted" : "resolved";
  const state: ExceptionState = { stage: stageAt(record.stage), outcome, proposer: record.proposer };
  return { code: record.code, state, transitions: Number(transitions) };
}

/** The account that signs: the one behind the caller's own signature, or the caller's hosted one. */
async function signerOf(
  { database, ledger, now }: OracleParts,
  caller: ParticipantCaller,
  { journeyId, number, to, signedAt, signature }: TransitionRequest,
  stage: ExceptionStage,
  reasonHash: string,
): Promise<string> {
  if (signature === undefined || signedAt === undefined) {
    await requireHostedKey(database, caller);
    return caller.account.toLowerCase();
  }
  const time = await now();
  if (!isFreshSignature(signedAt, time))
    throw problem(403, "signature-stale", `signed at ${rfc3339(signedAt)}, now is ${rfc3339(time)}: sign anew within ${LONGEST_SIGNATURE_AGE_SECONDS} s`);
  const value = { journeyId, number, from: EXCEPTION_STAGES.indexOf(stage), to: EXCEPTION_STAGES.indexOf(to), reasonHash, signedAt };
  const signer = recover(threadlineDomain(ledger.chainId, ledger.addresses.exceptionRegister), value, signature);
  const account = await database
    .selectFrom("chain_accounts")
    .innerJoin("chain_participants", "chain_participants.participant_index", "chain_accounts.participant_index")
    .select("account")
    .where("account", "=", signer)
    .where("removed", "=", false)
    .where("participant_id", "=", caller.participantId)
    .executeTakeFirst();
  if (account === undefined)
    throw problem(
      403,
      "signature-not-yours",
      `the signature is of ${signer}, which is no active account of yours; sign chain ${ledger.chainId}, this journey, number, the stages ${stage} and ${to}, reasonHash and signedAt`,
      { signer, reasonHash, from: stage, to, verifyingContract: ledger.addresses.exceptionRegister },
    );
  return signer;
}

function recover(domain: ReturnType<typeof threadlineDomain>, value: Record<string, unknown>, signature: string): string {
  try {
    return verifyTypedData(domain, EXCEPTION_TRANSITION_TYPES, value, signature).toLowerCase();
  } catch {
    throw problem(403, "signature-invalid", "the signature is none: give r, s and v of a secp256k1 signature, s in its lower half");
  }
}

function refuse(state: ExceptionState, { to }: TransitionRequest, signer: string, { roles }: ParticipantCaller): void {
  const refusal = transitionRefusal(state, { to, signer, roles });
  if (refusal === "illegal-transition") {
    const next = nextStages(state.stage);
    const may = next.length === 0 ? "nothing follows" : `what may follow is: ${next.join(", ")}`;
    throw problem(409, "illegal-transition", `the exception is ${state.stage} and cannot become ${to}; ${may}`, { stage: state.stage, next });
  }
  if (refusal === "not-authorised")
    throw problem(403, "not-authorised", `from ${state.stage} on decides: ${dutiesFrom(state.stage).join(", ")}`);
  if (refusal === "same-person")
    throw problem(403, "same-person", `${signer} proposed this; another person's account must decide on it`, { proposer: state.proposer });
}

/** One transition at a time: the same request again joins the one under way; after a refusal it is tried anew. */
async function enqueue(
  transaction: Transaction<Database>,
  signer: string,
  { participantId, account }: ParticipantCaller,
  request: TransitionRequest,
  { code, state, transitions }: KnownException,
  reasonSalt: string,
): Promise<PreparedTransition> {
  const { journeyId, number, to, reason, signature, signedAt } = request;
  const base = `advance:${journeyId}:${number}:${transitions}`;
  const earlier = await transaction
    .selectFrom("ledger_operations")
    .select(["idempotency_key", "status", "payload"])
    .where("kind", "=", "advance-exception")
    .where("journey_id", "=", journeyId)
    .where("idempotency_key", "like", `${base}:%`)
    .execute();
  const underWay = earlier.find((row) => row.status !== "refused");
  if (underWay !== undefined) {
    const payload = JSON.parse(underWay.payload) as { to: string; reasonHash: string; account: string };
    const known = (await reasonsOf(transaction, "exception_reasons", journeyId)).get(payload.reasonHash);
    if (known?.reason !== reason || payload.to !== to || payload.account.toLowerCase() !== signer)
      throw problem(409, "transition-under-way", `exception ${number} is on its way to ${payload.to}; wait for the ledger`);
    return { idempotencyKey: underWay.idempotency_key, code, from: state.stage, reasonHash: payload.reasonHash, reasonSalt: known.salt };
  }
  const reasonHash = reasonHashOf(reason, getBytes(reasonSalt));
  await transaction
    .insertInto("exception_reasons")
    .values({
      reason_hash: reasonHash,
      journey_id: journeyId,
      number,
      sealed_reason: await sealReason(transaction, "exception_reasons", journeyId, reasonHash, { reason, salt: reasonSalt }),
      participant_id: participantId,
      created_at_milliseconds: Date.now(),
    })
    .onConflict((conflict) => conflict.column("reason_hash").doNothing())
    .execute();
  const idempotencyKey = `${base}:${earlier.length}`;
  const signed = signature === undefined || signedAt === undefined ? null : { signedAt, signature };
  const isNew = await enqueueOperation(transaction, {
    idempotencyKey,
    kind: "advance-exception",
    journeyId,
    payload: { journeyId, number, from: state.stage, to, reasonHash, account: signed === null ? account : signer, signed },
  });
  if (!isNew) throw problem(409, "transition-under-way", `exception ${number} is being moved by another request; look again`);
  return { idempotencyKey, code, from: state.stage, reasonHash, reasonSalt };
}
