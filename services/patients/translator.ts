import type { Kysely, Transaction } from "kysely";
import type { LocalIdentifier } from "../model/patient/index.ts";
import type { SubjectEraser } from "../store/erasure/eraser.ts";
import type { Database } from "../store/schema.ts";
import type { Actor, Outcome, PatientReference } from "./actor.ts";
import { readAudit, verifyAudit } from "./audit-trail.ts";
import type { ShownAuditEntry, TrailVerdict } from "./audit-trail.ts";
import { giveConsent, listConsents, revokeConsent } from "./consents.ts";
import type { NewConsent, StoredConsent } from "./consents.ts";
import { erasePatient } from "./erasure.ts";
import type { Erased, RetentionDuty } from "./erasure.ts";
import { areOfOnePatient, bindJourney, journeyPseudonym, patientForJourney } from "./journeys.ts";
import type { JourneyPatient } from "./journeys.ts";
import { consentsOfJourney, journeysOfPseudonym } from "./journey-patients.ts";
import { registerIdentifier, reidentify, translatePseudonym } from "./look-ups.ts";
import type { Registered, Registration, Translation } from "./look-ups.ts";
import { mergePatients } from "./merges.ts";
import type { MergePair, MergeResult } from "./merges.ts";
import { createPatientKeys } from "./patient-keys.ts";
import { createPatientEraser } from "./subject-eraser.ts";
import { crosswalkFromTables, crosswalkFromTrail, unmergePatients } from "./unmerges.ts";
import type { UnmergeRequest, UnmergeResult } from "./unmerges.ts";

interface Page {
  offset: number;
  limit: number;
}

/**
 * The patient identifier translator: identifiers of organisations on one side, one pseudonym per patient and domain on the
 * other. Every act and every look-up, granted or refused, is on its audit trail before it is answered.
 */
export interface PatientTranslator {
  register(actor: Actor, registration: Registration): Promise<Outcome<Registered>>;
  translate(actor: Actor, translation: Translation): Promise<Outcome<{ pseudonym: string; domain: string }>>;
  reidentify(actor: Actor, translation: Translation): Promise<Outcome<{ identifiers: LocalIdentifier[] }>>;
  /** `messageIdentity` says which message asks, so that a copy of it does nothing. */
  merge(actor: Actor, pairs: readonly MergePair[], messageIdentity?: string): Promise<Outcome<{ merges: MergeResult[] }>>;
  unmerge(actor: Actor, request: UnmergeRequest, messageIdentity?: string): Promise<Outcome<UnmergeResult>>;
  giveConsent(actor: Actor, consent: NewConsent): Promise<Outcome<StoredConsent>>;
  revokeConsent(actor: Actor, consentId: string): Promise<Outcome<StoredConsent>>;
  /** Of one organisation, or all (`null`). */
  consents(participantId: string | null, page: Page): Promise<StoredConsent[]>;
  audit(participantId: string | null, page: Page): Promise<ShownAuditEntry[]>;
  /** Whether the trail is whole, and whether the crosswalk in the tables is the one it tells. */
  verify(): Promise<TrailVerdict & { crosswalkAgrees: boolean }>;
  patientForJourney(actor: Actor, reference: PatientReference): Promise<Outcome<JourneyPatient>>;
  bindJourney(transaction: Transaction<Database>, actor: Actor, bound: { journeyId: string; recordId: string }): Promise<void>;
  journeyPseudonym(journeyId: string): Promise<string | undefined>;
  /** Of the journey's patient, whoever recorded them; none names its patient. */
  consentsOfJourney(journeyId: string): Promise<StoredConsent[]>;
  /** By a pseudonym of the domain `journey`. */
  journeysOfPseudonym(pseudonym: string): Promise<string[]>;
  areOfOnePatient(firstJourneyId: string, secondJourneyId: string): Promise<boolean>;
  /** Erases the patient of a journey, as far as no other journey and no law needs them. */
  subjectEraser: SubjectEraser;
  erase(actor: Actor, reference: PatientReference, retentionDuty: RetentionDuty): Promise<Outcome<Erased>>;
}

export interface PatientTranslatorConfiguration {
  /** The node's secret, at least 32 bytes. Losing it loses every identifier and pseudonym. */
  secret: Uint8Array;
}

/** `now` in Unix milliseconds; the system's clock when left out. Throws `secret-too-short`. */
export function createPatientTranslator(
  { secret }: PatientTranslatorConfiguration,
  { database, now = Date.now }: { database: Kysely<Database>; now?: () => number },
): PatientTranslator {
  const context = { database, keys: createPatientKeys(secret), now };
  return {
    register: (actor, registration) => registerIdentifier(context, actor, registration),
    translate: (actor, translation) => translatePseudonym(context, actor, translation),
    reidentify: (actor, translation) => reidentify(context, actor, translation),
    merge: (actor, pairs, messageIdentity) => mergePatients(context, actor, pairs, messageIdentity),
    unmerge: (actor, request, messageIdentity) => unmergePatients(context, actor, request, messageIdentity),
    giveConsent: (actor, consent) => giveConsent(context, actor, consent),
    revokeConsent: (actor, consentId) => revokeConsent(context, actor, consentId),
    consents: (participantId, page) => listConsents(database, participantId, page),
    audit: (participantId, page) => readAudit(database, participantId, page),
    async verify() {
      const verdict = await verifyAudit(database, context.keys);
      const [told, held] = [await crosswalkFromTrail(database), await crosswalkFromTables(database)];
      const text = (crosswalk: typeof told) => JSON.stringify([...crosswalk.values()].map(mergeText).sort());
      return { ...verdict, crosswalkAgrees: text(told) === text(held) };
    },
    patientForJourney: (actor, reference) => patientForJourney(context, actor, reference),
    bindJourney: (transaction, actor, bound) => bindJourney(transaction, context, actor, bound),
    journeyPseudonym: (journeyId) => journeyPseudonym(context, journeyId),
    consentsOfJourney: (journeyId) => consentsOfJourney(context, journeyId),
    journeysOfPseudonym: (pseudonym) => journeysOfPseudonym(context, pseudonym),
    areOfOnePatient: (first, second) => areOfOnePatient(context, first, second),
    subjectEraser: createPatientEraser(context),
    erase: (actor, reference, retentionDuty) => erasePatient(context, actor, reference, retentionDuty),
  };
}

function mergeText({ number, surviving, subsumed }: { number: number; surviving: string; subsumed: string }): string {
  return `${number}:${subsumed}>${surviving}`;
}
