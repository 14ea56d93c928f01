import { JOURNEY_DOMAIN, pseudonymSchema, recordsOf } from "../model/patient/index.ts";
import type { PatientContext } from "./audited.ts";
import { consentsOfRecords } from "./consents.ts";
import type { StoredConsent } from "./consents.ts";
import { crosswalkAround, findRecord } from "./records.ts";

/**
 * Consents of the patient a journey is bound to, merges followed. Who asks writes it on a trail of its own: the answer
 * names no patient.
 */
export function consentsOfJourney({ database }: PatientContext, journeyId: string): Promise<StoredConsent[]> {
  return database.transaction().execute(async (transaction) => {
    const bound = await transaction
      .selectFrom("journey_patients")
      .select("record_id")
      .where("journey_id", "=", journeyId)
      .executeTakeFirst();
    if (bound === undefined) return [];
    const crosswalk = await crosswalkAround(transaction, [bound.record_id]);
    return consentsOfRecords(transaction, recordsOf(crosswalk, bound.record_id));
  });
}

/** Ids of the journeys bound to the record that a pseudonym of the domain `journey` names. */
export function journeysOfPseudonym({ database, keys }: PatientContext, pseudonym: string): Promise<string[]> {
  if (!pseudonymSchema.safeParse(pseudonym).success) return Promise.resolve([]);
  return database.transaction().execute(async (transaction) => {
    const record = await findRecord(transaction, keys, { pseudonym }, { participantId: "", domain: JOURNEY_DOMAIN });
    if (record === undefined) return [];
    const rows = await transaction
      .selectFrom("journey_patients")
      .select("journey_id")
      .where("record_id", "=", record)
      .execute();
    return rows.map((row) => row.journey_id);
  });
}
