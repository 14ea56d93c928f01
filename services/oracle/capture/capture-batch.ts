import { randomBytes } from "node:crypto";
import { getBytes, hexlify } from "ethers";
import type { Insertable, Transaction } from "kysely";
import { eventCommitment, fastKeccak } from "../../model/privacy/index.ts";
import type { Keccak256 } from "../../model/privacy/index.ts";
import { recordException } from "../../store/exception-details.ts";
import { enqueueOperations } from "../../store/outbox.ts";
import type { NewOperation } from "../../store/outbox.ts";
import { storeIdentifiers } from "../../store/identities.ts";
import type { Database } from "../../store/schema.ts";
import { raiseOutOfStorage } from "../journeys/out-of-storage.ts";
import { recordGenealogy } from "../batch/genealogy-edges.ts";
import type { CapturedGenealogy } from "../batch/genealogy-edges.ts";
import { recordCarried } from "../batch/record-carried.ts";
import { journeyCipher, sealedCaptureErrors, sealEvent, vaultOf } from "../../store/vault/index.ts";
import type { JourneyCipher } from "../../store/vault/index.ts";
import type { CaptureError } from "./capture-error.ts";
import { decide, isAdopted } from "./decide.ts";
import type { Decision } from "./decide.ts";
import { KnownFacts } from "./known-facts.ts";
import { loadFacts } from "./load-facts.ts";
import type { CaptureErrorBehaviour, PreparedEvent } from "./prepare.ts";

/** One capture document (or one event) of one participant. */
export interface Submission {
  captureId: string;
  participantId: string;
  behaviour: CaptureErrorBehaviour;
  events: PreparedEvent[];
  /** Events of the document that could not be read. */
  errors: CaptureError[];
  receivedAtMilliseconds: number;
  /** What the participant signed on their own machine, by the event's place; absent where the hosted key signs. */
  signed?: ReadonlyMap<number, SignedEvent>;
}

/** A custody event as its participant signed it: under a salt of their choice, for one place in the journey. */
export interface SignedEvent {
  /** 32 bytes, hexadecimal. */
  salt: string;
  sequence: number;
  /** 65 bytes, hexadecimal. */
  signature: string;
}

export interface SubmissionOutcome {
  captureId: string;
  success: boolean;
  errors: CaptureError[];
  /** Events now on record, new ones and those known already, in document order. */
  eventIds: string[];
  newEvents: number;
  operations: number;
}

type NewDecision = Extract<Decision, { kind: "new" }>;

interface Accepted {
  submission: Submission;
  decision: NewDecision;
  salt: Uint8Array;
  commitment: string;
}

/**
 * Captures many submissions in one database transaction: the events with their salts, the jobs, the identifiers
 * learned and the ledger operations all become durable together, or none does. Submissions are judged in order.
 */
export async function captureBatch(
  transaction: Transaction<Database>,
  submissions: readonly Submission[],
): Promise<SubmissionOutcome[]> {
  const facts = await loadFacts(
    transaction,
    submissions.flatMap((submission) => submission.events),
  );
  const keccak = await fastKeccak();
  const accepted: Accepted[] = [];
  const outcomes = submissions.map((submission) => {
    const { outcome, taken } = judge(facts, submission, keccak);
    accepted.push(...taken);
    return outcome;
  });
  await insertJobs(transaction, submissions, outcomes);
  const cipher = await journeyCipher(transaction, accepted.map(({ decision }) => decision.journeyId));
  await insertEvents(transaction, cipher, accepted);
  await insertIdentifiers(transaction, cipher, accepted);
  await enqueueOperations(transaction, accepted.flatMap(ledgerOperation));
  for (const entry of accepted) await raiseMixUps(transaction, entry);
  await recordGenealogy(transaction, accepted.map(genealogyOf));
  for (const entry of accepted) await recordCarriedEntries(transaction, entry);
  for (const journey of timedJourneys(facts, accepted)) await raiseOutOfStorage(transaction, journey, null);
  return outcomes;
}

/** Journeys these events belong to whose flow adds up time over steps. */
function timedJourneys(facts: KnownFacts, accepted: readonly Accepted[]) {
  const journeyIds = new Set(accepted.flatMap(({ decision }) => (decision.journeyId === null ? [] : [decision.journeyId])));
  return [...journeyIds].flatMap((journeyId) => {
    const journey = facts.journey(journeyId);
    return journey === undefined || journey.flow.timeOutOfStorage.length === 0 ? [] : [journey];
  });
}

function judge(
  facts: KnownFacts,
  submission: Submission,
  keccak: Keccak256,
): { outcome: SubmissionOutcome; taken: Accepted[] } {
  const fork = new KnownFacts(facts);
  const decisions = submission.events.map((event) => decide(fork, event, submission.participantId));
  const errors = [
    ...submission.errors,
    ...decisions.flatMap((decision) => (decision.kind === "refused" ? [decision.error] : [])),
  ];
  const success = errors.length === 0;
  const keep = success || submission.behaviour === "proceed";
  if (keep) facts.merge(fork);
  const kept = keep ? decisions : [];
  const taken = kept.flatMap((decision) => (decision.kind === "new" ? [accept(submission, decision, keccak)] : []));
  const outcome = {
    captureId: submission.captureId,
    success,
    errors: errors.sort((left, right) => left.eventIndex - right.eventIndex),
    eventIds: kept.flatMap((decision) => (decision.kind === "refused" ? [] : [decision.eventId])),
    newEvents: taken.length,
    operations: taken.filter((entry) => entry.decision.journeyId !== null).length,
  };
  return { outcome, taken };
}

function accept(submission: Submission, decision: NewDecision, keccak: Keccak256): Accepted {
  const signed = submission.signed?.get(decision.event.index);
  const salt = signed === undefined ? randomBytes(32) : getBytes(signed.salt);
  const commitment = eventCommitment(decision.event.hashBytes, decision.event, salt, keccak);
  return { submission, decision, salt, commitment };
}

async function insertJobs(
  transaction: Transaction<Database>,
  submissions: readonly Submission[],
  outcomes: SubmissionOutcome[],
): Promise<void> {
  const cipher = await journeyCipher(transaction, []);
  const rows = submissions.map((submission, index) => ({
    capture_id: submission.captureId,
    participant_id: submission.participantId,
    created_at_milliseconds: submission.receivedAtMilliseconds,
    finished_at_milliseconds: Date.now(),
    running: false,
    success: outcomes[index]?.success ?? false,
    capture_error_behaviour: submission.behaviour,
    sealed_errors: sealErrors(cipher, submission.captureId, outcomes[index]?.errors ?? []),
  }));
  if (rows.length > 0) await transaction.insertInto("capture_jobs").values(rows).execute();
}

function sealErrors(cipher: JourneyCipher, captureId: string, errors: readonly CaptureError[]): string | null {
  return errors.length === 0 ? null : sealedCaptureErrors.seal(cipher, null, captureId, [...errors]);
}

async function insertEvents(
  transaction: Transaction<Database>,
  cipher: JourneyCipher,
  accepted: readonly Accepted[],
): Promise<void> {
  const vault = vaultOf(transaction);
  const rows = accepted.map(({ submission, decision, salt, commitment }): Insertable<Database["events"]> => {
    const { event, journeyId } = decision;
    return {
      ...sealEvent(vault, cipher, journeyId, event.isErrorDeclaration, {
        eventId: decision.eventId,
        eventHash: event.hash,
        body: event.body,
        context: event.context,
        salt: journeyId === null ? null : hexlify(salt),
      }),
      event_type: event.type,
      event_time_milliseconds: event.eventTimeMilliseconds,
      record_time_milliseconds: submission.receivedAtMilliseconds,
      is_error_declaration: event.isErrorDeclaration,
      journey_id: journeyId,
      step: decision.step,
      commitment: journeyId === null ? null : commitment,
      captured_by: submission.participantId,
      capture_id: submission.captureId,
    };
  });
  if (rows.length === 0) return;
  await transaction
    .insertInto("events")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(["event_hash_index", "is_error_declaration"])
        .doUpdateSet((row) => ({
          event_id_index: row.ref("excluded.event_id_index"),
          sealed_event: row.ref("excluded.sealed_event"),
          journey_id: row.ref("excluded.journey_id"),
          step: row.ref("excluded.step"),
          commitment: row.ref("excluded.commitment"),
          captured_by: row.ref("excluded.captured_by"),
          capture_id: row.ref("excluded.capture_id"),
        }))
        .where("events.journey_id", "is", null),
    )
    .execute();
}

async function insertIdentifiers(
  transaction: Transaction<Database>,
  cipher: JourneyCipher,
  accepted: readonly Accepted[],
): Promise<void> {
  const rows = accepted.flatMap(({ decision }) => {
    const { journeyId, event } = decision;
    if (journeyId === null) return [];
    return event.epcs
      .filter((epc) => isAdopted(decision, epc))
      .map((identifier) => ({ journeyId, kind: "epc" as const, identifier }));
  });
  await storeIdentifiers(transaction, cipher, rows);
}

function ledgerOperation({ submission, decision, commitment }: Accepted): NewOperation[] {
  const { journeyId, step, event } = decision;
  if (journeyId === null) return [];
  const signed = submission.signed?.get(event.index);
  return [
    {
      idempotencyKey: `custody-event:${commitment}`,
      kind: "custody-event",
      journeyId,
      payload: {
        journeyId,
        commitment,
        step,
        occurredAt: Math.floor(event.eventTimeMilliseconds / 1000),
        participantId: submission.participantId,
        own: signed === undefined ? null : { sequence: signed.sequence, signature: signed.signature },
      },
    },
  ];
}

/** An event that names material or a Chain of Identity not of its journey is recorded, and is a mix-up until quality says otherwise. */
async function raiseMixUps(transaction: Transaction<Database>, { decision }: Accepted): Promise<void> {
  const { journeyId, eventId, event, foreignEpcs, foreignIdentity } = decision;
  if (journeyId === null) return;
  const mixUp = (observed: string, limit: string, message: string) =>
    recordException(transaction, {
      journeyId,
      code: "identity-mismatch",
      leg: null,
      occurredAt: Math.floor(event.eventTimeMilliseconds / 1000),
      observed,
      limit,
      unit: "identifier",
      message,
      key: `event:${event.hash}:${observed}`,
    });
  for (const epc of foreignEpcs)
    await mixUp(epc, "EPCs of this journey", `The event ${eventId} names ${epc}, which belongs to another journey.`);
  if (foreignIdentity !== null)
    await mixUp(
      foreignIdentity,
      "the Chain of Identity of this journey",
      `The event ${eventId} names the Chain of Identity ${foreignIdentity}, but its EPCs are this journey's.`,
    );
}

function genealogyOf({ submission, decision }: Accepted): CapturedGenealogy {
  const { event, journeyId } = decision;
  const { genealogy, hash: eventHash, isErrorDeclaration } = event;
  return { genealogy, eventHash, isErrorDeclaration, journeyId, recordedBy: submission.participantId };
}

/** Batch record entries of an event that belongs to a journey; one of no journey may be sent again when there is one. */
async function recordCarriedEntries(transaction: Transaction<Database>, { submission, decision }: Accepted): Promise<void> {
  const { event, journeyId } = decision;
  if (journeyId === null || event.batchRecord === null || event.isErrorDeclaration) return;
  await recordCarried(transaction, { ...event.batchRecord, journeyId, eventHash: event.hash, recordedBy: submission.participantId });
}
