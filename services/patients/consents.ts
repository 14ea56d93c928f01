import { randomUUID } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import type { ConsentGrant, ConsentScope, Purpose } from "../model/patient/index.ts";
import type { PatientConsentRow } from "../store/patient-schema.ts";
import type { Database } from "../store/schema.ts";
import { domainOf } from "./actor.ts";
import type { Actor, Outcome, PatientReference } from "./actor.ts";
import { audited, granted, refused } from "./audited.ts";
import type { PatientContext } from "./audited.ts";
import { patientNamed } from "./named-patient.ts";
import { identifiersOf } from "./records.ts";

export interface NewConsent {
  /** By an own identifier, or by the pseudonym in the caller's domain. */
  patient: PatientReference;
  purpose: Purpose;
  scope: ConsentScope;
  domain: string;
  /** Ledger id of the organisation the patient's consent is for. */
  grantee: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

export type StoredConsent = ConsentGrant & { givenBy: string };

/** Records a patient's consent. Only who knows the patient by an identifier of its own can speak for them. */
export function giveConsent(context: PatientContext, actor: Actor, consent: NewConsent): Promise<Outcome<StoredConsent>> {
  const { purpose, domain } = consent;
  return audited(context, actor, { action: "give-consent", purpose, domain }, async (act) => {
    const patient = await patientNamed(act, consent.patient, domainOf(actor));
    if (patient === undefined) return refused("unknown-patient", "the caller knows no such patient");
    const known = await identifiersOf(act.transaction, act.keys, patient.records, actor.participantId);
    if (known.length === 0)
      return refused("no-own-identifier", "the caller has no identifier of its own for the patient; register one first", {
        record: patient.survivor,
      });
    const row: PatientConsentRow = {
      consent_id: randomUUID(),
      record_id: patient.survivor,
      purpose,
      scope: consent.scope,
      domain,
      given_by: actor.participantId,
      grantee: consent.grantee,
      given_at_milliseconds: act.now,
      expires_at_milliseconds: consent.expiresAt,
      revoked_at_milliseconds: null,
    };
    if (consent.expiresAt <= act.now) return refused("consent-expired", "the consent would have expired already");
    await act.transaction.insertInto("patient_consents").values(row).execute();
    return granted(consentOf(row), `${consent.scope} recorded`, { record: patient.survivor, consent: row.consent_id });
  });
}

/** Revokes a consent from now on. Only who recorded it can; doing it again changes nothing. */
export function revokeConsent(context: PatientContext, actor: Actor, consentId: string): Promise<Outcome<StoredConsent>> {
  return audited(
    context,
    actor,
    { action: "revoke-consent", purpose: "patient-administration", domain: domainOf(actor) },
    async ({ transaction, now }) => {
      const row = await transaction
        .selectFrom("patient_consents")
        .selectAll()
        .where("consent_id", "=", consentId)
        .where("given_by", "=", actor.participantId)
        .executeTakeFirst();
      if (row === undefined) return refused("unknown-consent", "the caller recorded no such consent");
      if (row.revoked_at_milliseconds !== null)
        return granted(consentOf(row), "revoked before", { consent: consentId });
      await transaction
        .updateTable("patient_consents")
        .set({ revoked_at_milliseconds: now })
        .where("consent_id", "=", consentId)
        .execute();
      return granted(consentOf({ ...row, revoked_at_milliseconds: now }), "revoked", { consent: consentId });
    },
  );
}

export async function consentsOfRecords(database: Kysely<Database>, records: readonly string[]): Promise<StoredConsent[]> {
  const rows = await database
    .selectFrom("patient_consents")
    .selectAll()
    .where("record_id", "in", records)
    .orderBy("given_at_milliseconds")
    .orderBy("consent_id")
    .execute();
  return rows.map(consentOf);
}

/** Consents newest first: those an organisation recorded or was granted, or all (`null`). None names its patient. */
export async function listConsents(
  database: Kysely<Database>,
  participantId: string | null,
  page: { offset: number; limit: number },
): Promise<StoredConsent[]> {
  const rows = await database
    .selectFrom("patient_consents")
    .selectAll()
    .$if(participantId !== null, (query) =>
      query.where((where) =>
        where.or([where("given_by", "=", participantId ?? ""), where("grantee", "=", participantId ?? "")]),
      ),
    )
    .orderBy("given_at_milliseconds", "desc")
    .orderBy("consent_id")
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  return rows.map(consentOf);
}

function consentOf(row: Selectable<PatientConsentRow>): StoredConsent {
  return {
    consentId: row.consent_id,
    purpose: row.purpose as Purpose,
    scope: row.scope as ConsentScope,
    domain: row.domain,
    grantee: row.grantee,
    givenBy: row.given_by,
    givenAt: row.given_at_milliseconds,
    expiresAt: row.expires_at_milliseconds,
    revokedAt: row.revoked_at_milliseconds,
  };
}
