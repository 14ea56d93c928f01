import { getBytes } from "ethers";
import { EXCEPTION_STAGES } from "../../model/custody/exception-lifecycle.ts";
import {
  DISPOSITION_DECISIONS,
  EXCEPTIONAL_RELEASE_STEPS,
  decidersOf,
  nextDispositionNumber,
  reasonHash,
  takersOf,
} from "../../model/custody/index.ts";
import type { Role } from "../../model/custody/index.ts";
import { scopesToBitmap } from "../../model/privacy/access.ts";
import { headOf } from "../../model/signing/index.ts";
import type { Statement } from "../../model/signing/index.ts";
import { journeyCipher, sealedIdentityCheck } from "../../store/vault/index.ts";
import { dispositionState } from "../dispositions/disposition-view.ts";
import { nextInterval } from "../dispositions/next-interval.ts";
import { openFindings } from "../equipment/open-findings.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import { gateChecks, gateOf } from "../journeys/gate-checks.ts";
import { legOf } from "../journeys/leg-of.ts";
import type { Journey } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { preparedDocument } from "../capture/accept-document.ts";
import type { SigningRequest } from "../schemas/signing-request.ts";
import { recipientOf } from "./access-signing.ts";
import { custodyStatements } from "./custody-statements.ts";
import { journeyRecord } from "./journey-record.ts";

/** A statement, and what its values are made of. */
export interface StatementToSign {
  statement: Statement;
  facts: Record<string, unknown>;
}

type Asked<A extends SigningRequest["act"]> = Extract<SigningRequest, { act: A }>;

/** What there is to sign for an act as the record stands now. Throws a problem where there is nothing to sign. */
export async function statementsToSign(
  parts: OracleParts,
  caller: ParticipantCaller,
  journey: Journey,
  asked: SigningRequest,
): Promise<StatementToSign[]> {
  const journeyId = journey.journey_id;
  switch (asked.act) {
    case "release":
      return [await release(parts, caller, journey, asked)];
    case "exception-transition":
      return [await transition(parts, journeyId, asked)];
    case "disposition":
    case "exceptional-release-step":
      return [await disposition(parts, caller, journey, asked)];
    case "recall-acknowledgement":
      return [{ statement: { act: asked.act, message: { journeyId, recalls: asked.recalls } }, facts: {} }];
    case "interval-acceptance":
      return [await interval(parts, journey, asked)];
    case "equipment-acceptance":
      return [await equipment(parts, journey, asked)];
    case "identity-check":
      return [await identityCheck(parts, caller, journeyId, asked)];
    case "access-grant": {
      const { recipientId: participantId, keyThumbprint, key } = await recipientOf(parts.database, asked.recipient, asked.scopes);
      const message = { grantId: asked.grantId, journeyId, participantId, scope: scopesToBitmap(asked.scopes), keyThumbprint };
      return [{ statement: { act: asked.act, message }, facts: { publicKey: key?.publicKey ?? null } }];
    }
    case "access-revocation":
      return [{ statement: { act: asked.act, message: { grantId: asked.grantId } }, facts: {} }];
    case "custody-event": {
      const { events } = preparedDocument(asked.document, "rollback", parts.limits);
      const statements = await custodyStatements(parts, caller, journeyId, events, asked.salts);
      return statements.map(({ statement, salt, captured, event }) => ({ statement, facts: { salt, captured, eventId: event.eventId } }));
    }
  }
}

async function release(parts: OracleParts, caller: ParticipantCaller, journey: Journey, { gate }: Asked<"release">): Promise<StatementToSign> {
  const number = gateOf(journey, gate);
  requireDuty(caller, journey.flow.gates[number]?.roles ?? [], `releasing the gate "${gate}"`);
  const record = await journeyRecord(parts, journey.journey_id);
  const message = { journeyId: journey.journey_id, gate: number, head: headOf(record) };
  return { statement: { act: "release", message }, facts: { record, checks: await gateChecks(parts.ledger, journey, number) } };
}

async function transition(
  { database }: OracleParts,
  journeyId: string,
  { number, to, reason, reasonSalt }: Asked<"exception-transition">,
): Promise<StatementToSign> {
  const found = await database
    .selectFrom("chain_exceptions")
    .select(["stage", "code"])
    .where("journey_id", "=", journeyId)
    .where("number", "=", number)
    .executeTakeFirst();
  if (found === undefined) throw problem(404, "unknown-exception", `the ledger has no exception ${number} of this journey`);
  const message = { journeyId, number, from: found.stage, to: EXCEPTION_STAGES.indexOf(to), reasonHash: reasonHash(reason, getBytes(reasonSalt)) };
  return { statement: { act: "exception-transition", message }, facts: { code: found.code } };
}

async function disposition(
  parts: OracleParts,
  caller: ParticipantCaller,
  journey: Journey,
  asked: Asked<"disposition"> | Asked<"exceptional-release-step">,
): Promise<StatementToSign> {
  const journeyId = journey.journey_id;
  const number = nextDispositionNumber((await dispositionState(parts.database, journey)).state);
  const hash = reasonHash(asked.reason, getBytes(asked.reasonSalt));
  if (asked.act === "exceptional-release-step") {
    requireDuty(caller, takersOf(asked.step), asked.step);
    const message = { journeyId, number, step: EXCEPTIONAL_RELEASE_STEPS.indexOf(asked.step), documentHash: hash };
    return { statement: { act: asked.act, message }, facts: {} };
  }
  requireDuty(caller, decidersOf(asked.decision), asked.decision);
  const record = await journeyRecord(parts, journeyId);
  const message = { journeyId, number, decision: DISPOSITION_DECISIONS.indexOf(asked.decision), head: headOf(record), reasonHash: hash };
  return { statement: { act: asked.act, message }, facts: { record } };
}

async function interval(
  parts: OracleParts,
  journey: Journey,
  { act, leg: name, exceptionNumber }: Asked<"interval-acceptance">,
): Promise<StatementToSign> {
  const { leg, definition } = legOf(journey.flow, name);
  const next = await nextInterval(parts, journey, definition, leg);
  if (typeof next === "string") throw problem(409, "nothing-to-accept", `leg "${name}" has no interval to accept: ${next}`);
  const message = { journeyId: journey.journey_id, leg, from: next.from, to: next.to, exceptionNumber };
  return { statement: { act, message }, facts: {} };
}

async function equipment({ ledger }: OracleParts, journey: Journey, { act, leg: name, exceptionNumber }: Asked<"equipment-acceptance">): Promise<StatementToSign> {
  const { leg } = legOf(journey.flow, name);
  const { assignments } = await openFindings(ledger, journey.journey_id, leg);
  return { statement: { act, message: { journeyId: journey.journey_id, leg, assignments, exceptionNumber } }, facts: {} };
}

/**
 * The opening of the commitment goes to the person who scanned, but for the patient's pseudonym: it is of a domain that
 * is not the scanner's. Where a patient is bound, the proof on the ledger shows what the opening cannot.
 */
async function identityCheck(
  { database }: OracleParts,
  caller: ParticipantCaller,
  journeyId: string,
  { act, linkedCommitment }: Asked<"identity-check">,
): Promise<StatementToSign> {
  const row = await database
    .selectFrom("identity_checks")
    .select(["account", "step", "sealed_check"])
    .where("journey_id", "=", journeyId)
    .where("linked_commitment", "=", linkedCommitment)
    .executeTakeFirst();
  if (row === undefined) throw problem(404, "unknown-check", `the journey has no identity check ${linkedCommitment}`);
  if (row.account.toLowerCase() !== caller.account.toLowerCase())
    throw problem(403, "another-person", `${row.account} scanned; the check is signed by that person`);
  const check = sealedIdentityCheck.open(await journeyCipher(database, [journeyId]), journeyId, linkedCommitment, row.sealed_check);
  const opening = check === null || check.patient !== null ? null : { chainOfIdentity: check.chainOfIdentity, blinding: check.blinding };
  return { statement: { act, message: { journeyId, step: row.step, linkedCommitment } }, facts: { opening } };
}

function requireDuty(caller: ParticipantCaller, needed: readonly Role[], what: string): void {
  if (needed.some((role) => caller.roles.includes(role))) return;
  throw problem(403, "not-authorised", `${what} is for: ${needed.join(", ")}`);
}
