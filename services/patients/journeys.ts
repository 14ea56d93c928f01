import type { Transaction } from "kysely";
import { JOURNEY_DOMAIN, survivorOf } from "../model/patient/index.ts";
import type { Database } from "../store/schema.ts";
import { domainOf } from "./actor.ts";
import type { Actor, Outcome, PatientReference } from "./actor.ts";
import { lockPatients } from "./audit-trail.ts";
import { audited, auditedIn, granted, refused } from "./audited.ts";
import type { Conclusion, PatientContext } from "./audited.ts";
import { patientNamed } from "./named-patient.ts";
import { addIdentifier, createRecord, crosswalkAround, pseudonymOf } from "./records.ts";

/** The patient of a journey about to be opened. `recordId` stays inside the node. */
export interface JourneyPatient {
  recordId: string;
  /** In the domain `journey`. */
  pseudonym: string;
}

/** Looks up the patient a journey is opened for; an own identifier that is new is registered. */
export function patientForJourney(context: PatientContext, actor: Actor, reference: PatientReference): Promise<Outcome<JourneyPatient>> {
  const intent = { action: "translate", purpose: "treatment", domain: JOURNEY_DOMAIN } as const;
  return audited(context, actor, intent, async (act): Promise<Conclusion<JourneyPatient>> => {
    const { transaction, keys, now } = act;
    let recordId = (await patientNamed(act, reference, domainOf(actor)))?.survivor;
    if (recordId === undefined) {
      if ("pseudonym" in reference) return refused("unknown-patient", "the pseudonym names no patient in the caller's domain");
      recordId = await createRecord(transaction, keys, now);
      await addIdentifier(transaction, keys, { actor, recordId, identifier: reference, now });
    }
    const pseudonym = await pseudonymOf(transaction, keys, recordId, JOURNEY_DOMAIN);
    return granted({ recordId, pseudonym }, "duty", { record: recordId });
  });
}

/** Binds a journey to its patient in the transaction that opens it, before its operation is put into the outbox. */
export async function bindJourney(
  transaction: Transaction<Database>,
  context: PatientContext,
  actor: Actor,
  { journeyId, recordId }: { journeyId: string; recordId: string },
): Promise<void> {
  await lockPatients(transaction);
  const intent = { action: "bind-journey", purpose: "treatment", domain: JOURNEY_DOMAIN } as const;
  await auditedIn(transaction, context, actor, intent, async ({ now }) => {
    await transaction
      .insertInto("journey_patients")
      .values({ journey_id: journeyId, record_id: recordId, bound_at_milliseconds: now })
      .execute();
    return granted(null, "bound", { record: recordId, journey: journeyId });
  });
}

/** The pseudonym a journey was bound to, whatever was merged since; undefined for one without patient or erased. */
export async function journeyPseudonym({ database, keys }: PatientContext, journeyId: string): Promise<string | undefined> {
  return database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom("journey_patients")
      .innerJoin("patient_pseudonyms", "patient_pseudonyms.record_id", "journey_patients.record_id")
      .select("patient_pseudonyms.record_id as recordId")
      .where("journey_id", "=", journeyId)
      .where("domain", "=", JOURNEY_DOMAIN)
      .executeTakeFirst();
    return row === undefined ? undefined : pseudonymOf(transaction, keys, row.recordId, JOURNEY_DOMAIN);
  });
}

/** Whether two journeys are of one patient as the crosswalk stands now. */
export async function areOfOnePatient({ database }: PatientContext, first: string, second: string): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const rows = await transaction
      .selectFrom("journey_patients")
      .select("record_id")
      .where("journey_id", "in", [first, second])
      .execute();
    if (rows.length < 2) return false;
    const crosswalk = await crosswalkAround(transaction, rows.map(({ record_id }) => record_id));
    return new Set(rows.map(({ record_id }) => survivorOf(crosswalk, record_id))).size === 1;
  });
}
