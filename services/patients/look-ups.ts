import { dutyAllows, judgeConsent, NO_CONSENT, survivorOf } from "../model/patient/index.ts";
import type { ConsentScope, LocalIdentifier, Purpose } from "../model/patient/index.ts";
import { domainOf } from "./actor.ts";
import type { Actor, Outcome } from "./actor.ts";
import { audited, granted, refused } from "./audited.ts";
import type { Act, Conclusion, PatientContext } from "./audited.ts";
import { consentsOfRecords } from "./consents.ts";
import { patientNamed } from "./named-patient.ts";
import type { Patient } from "./named-patient.ts";
import { addIdentifier, createRecord, crosswalkAround, findRecord, identifiersOf, pseudonymOf } from "./records.ts";

export interface Registration {
  identifier: LocalIdentifier;
  purpose: Purpose;
  /** Pseudonym in the caller's domain of a patient it knows already, whom the identifier names too. */
  pseudonym?: string | undefined;
}

export interface Registered {
  pseudonym: string;
  domain: string;
  isNew: boolean;
}

/** Registers or looks up an organisation's own identifier: the patient's pseudonym in its domain. */
export function registerIdentifier(
  context: PatientContext,
  actor: Actor,
  { identifier, pseudonym, purpose }: Registration,
): Promise<Outcome<Registered>> {
  const domain = domainOf(actor);
  return audited(context, actor, { action: "register-identifier", purpose, domain }, async (act): Promise<Conclusion<Registered>> => {
    const { transaction, keys, now } = act;
    const own = { participantId: actor.participantId, domain };
    const existing = await findRecord(transaction, keys, identifier, own);
    const named = pseudonym === undefined ? undefined : await findRecord(transaction, keys, { pseudonym }, own);
    if (pseudonym !== undefined && named === undefined) return refused("unknown-patient", "the pseudonym names no patient in this domain");
    const crosswalk = await crosswalkAround(transaction, [existing, named].filter((record) => record !== undefined));
    if (existing !== undefined && named !== undefined && survivorOf(crosswalk, existing) !== survivorOf(crosswalk, named))
      return refused("identifier-of-another-patient", "the identifier names another patient already; merge the two if they are one", {
        records: [existing, named],
      });
    const recordId = existing ?? named ?? (await createRecord(transaction, keys, now));
    if (existing === undefined) await addIdentifier(transaction, keys, { actor, recordId, identifier, now });
    const survivor = survivorOf(crosswalk, recordId);
    const value = { pseudonym: await pseudonymOf(transaction, keys, survivor, domain), domain, isNew: existing === undefined };
    return granted(value, existing === undefined ? "registered" : "own identifier", { record: recordId, survivor });
  });
}

export interface Translation {
  pseudonym: string;
  /** Domain to translate into. */
  domain: string;
  purpose: Purpose;
}

/** From a pseudonym of the caller's domain to the patient's pseudonym in another, where a duty or a consent allows it. */
export function translatePseudonym(
  context: PatientContext,
  actor: Actor,
  { pseudonym, domain, purpose }: Translation,
): Promise<Outcome<{ pseudonym: string; domain: string }>> {
  return audited(context, actor, { action: "translate", purpose, domain }, async (act) => {
    const patient = await patientNamed(act, { pseudonym }, domainOf(actor));
    if (patient === undefined) return refused("not-allowed", NO_CONSENT, { known: false });
    const permission = await permissionTo(act, patient, { scope: "translation", domain, purpose });
    if (!permission.allowed) return refused("not-allowed", permission.reason, { record: patient.survivor });
    const value = { pseudonym: await pseudonymOf(act.transaction, act.keys, patient.survivor, domain), domain };
    return granted(value, permission.reason, { record: patient.survivor });
  });
}

/**
 * From a pseudonym back to what the organisation that recorded the patient's consent calls them. Only a consent opens
 * this, never a duty; the answer to a stranger is the same whether the pseudonym exists or not.
 */
export function reidentify(
  context: PatientContext,
  actor: Actor,
  { pseudonym, domain, purpose }: Translation,
): Promise<Outcome<{ identifiers: LocalIdentifier[] }>> {
  return audited(context, actor, { action: "re-identify", purpose, domain }, async (act) => {
    const patient = await patientNamed(act, { pseudonym }, domain);
    if (patient === undefined) return refused("not-allowed", NO_CONSENT, { known: false });
    const grants = await consentsOfRecords(act.transaction, patient.records);
    const request = { scope: "re-identification", grantee: actor.participantId, domain, purpose } as const;
    const verdict = judgeConsent(grants, request, act.now);
    if (!verdict.allowed) return refused("not-allowed", verdict.reason, { record: patient.survivor });
    const giver = grants.find((grant) => grant.consentId === verdict.consentId)?.givenBy ?? "";
    const identifiers = await identifiersOf(act.transaction, act.keys, patient.records, giver);
    return granted({ identifiers }, "consent", { record: patient.survivor, consent: verdict.consentId });
  });
}

async function permissionTo(
  { transaction, actor, now }: Act,
  patient: Patient,
  { scope, domain, purpose }: { scope: ConsentScope; domain: string; purpose: Purpose },
): Promise<{ allowed: boolean; reason: string }> {
  if (domain === domainOf(actor)) return { allowed: true, reason: "own domain" };
  if (dutyAllows(actor.roles, domain, purpose)) return { allowed: true, reason: "duty" };
  const grants = await consentsOfRecords(transaction, patient.records);
  const verdict = judgeConsent(grants, { scope, grantee: actor.participantId, domain, purpose }, now);
  return verdict.allowed ? { allowed: true, reason: "consent" } : { allowed: false, reason: verdict.reason };
}
