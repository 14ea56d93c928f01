import type { Transaction } from "kysely";
import type { Database } from "../store/schema.ts";
import { domainOf } from "./actor.ts";
import type { Actor, Outcome, PatientReference } from "./actor.ts";
import { audited, granted, refused } from "./audited.ts";
import type { PatientContext } from "./audited.ts";
import { patientNamed } from "./named-patient.ts";

/**
 * Asked, in the same transaction, with the journeys of the patient: a text says which duty forbids the erasure (the
 * traceability of Regulation (EC) 1394/2007, article 15), undefined that none does.
 */
export type RetentionDuty = (transaction: Transaction<Database>, journeyIds: readonly string[]) => Promise<string | undefined>;

export interface Erased {
  records: number;
  journeyIds: string[];
}

/**
 * Erases a patient the caller knows (GDPR, article 17): the keys of all records, every identifier and pseudonym with its
 * index, and the consents. What stays are random ids and the audit trail, which names nobody; with the node's secret in
 * hand nothing leads back.
 */
export function erasePatient(
  context: PatientContext,
  actor: Actor,
  reference: PatientReference,
  retentionDuty: RetentionDuty,
): Promise<Outcome<Erased>> {
  const intent = { action: "erase", purpose: "patient-administration", domain: domainOf(actor) } as const;
  return audited(context, actor, intent, async (act) => {
    const patient = await patientNamed(act, reference, domainOf(actor));
    if (patient === undefined) return refused("unknown-patient", "the caller knows no such patient");
    const journeyIds = await journeysOfRecords(act.transaction, patient.records);
    const duty = await retentionDuty(act.transaction, journeyIds);
    if (duty !== undefined) return refused("retention-duty", duty, { records: patient.records });
    await eraseRecords(act.transaction, patient.records, act.now);
    return granted({ records: patient.records.length, journeyIds }, "erased", { records: patient.records });
  });
}

/** Journeys bound to any of a patient's records. */
export async function journeysOfRecords(transaction: Transaction<Database>, records: readonly string[]): Promise<string[]> {
  const rows = await transaction
    .selectFrom("journey_patients")
    .select("journey_id")
    .where("record_id", "in", records)
    .orderBy("journey_id")
    .execute();
  return rows.map((row) => row.journey_id);
}

/** Destroys the keys of records and all that leads to them or was sealed for them. */
export async function eraseRecords(transaction: Transaction<Database>, records: readonly string[], now: number): Promise<void> {
  await transaction.deleteFrom("patient_identifiers").where("record_id", "in", records).execute();
  await transaction.deleteFrom("patient_pseudonyms").where("record_id", "in", records).execute();
  await transaction.deleteFrom("patient_consents").where("record_id", "in", records).execute();
  await transaction
    .updateTable("patient_records")
    .set({ sealed_key: null, erased_at_milliseconds: now })
    .where("record_id", "in", records)
    .where("erased_at_milliseconds", "is", null)
    .execute();
}
