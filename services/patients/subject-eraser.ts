import type { Transaction } from "kysely";
import { JOURNEY_DOMAIN, recordsOf } from "../model/patient/index.ts";
import type { ErasedPart, SubjectEraser } from "../store/erasure/eraser.ts";
import type { Database } from "../store/schema.ts";
import { appendAudit, lockPatients } from "./audit-trail.ts";
import type { PatientContext } from "./audited.ts";
import { eraseRecords, journeysOfRecords } from "./erasure.ts";
import { crosswalkAround } from "./records.ts";

/** The operator of the node, which is no organisation of the consortium, as the trail names it. */
const OPERATOR = "operator";

/**
 * The patient a journey was opened for. Their records go with their last journey; before, only what ties them to this one.
 * While traceability keeps the link, identifiers and pseudonyms stay, since they are its patient's end; consents do not,
 * once no journey is left that they could be needed for. Each erasure is an entry of the audit trail.
 */
export function createPatientEraser(context: PatientContext): SubjectEraser {
  return {
    name: "patient",
    async erase(transaction, { journeyId, isTraceabilityKept }) {
      await lockPatients(transaction);
      const bound = await transaction.selectFrom("journey_patients").select("record_id").where("journey_id", "=", journeyId).executeTakeFirst();
      if (bound === undefined) return [];
      const records = recordsOf(await crosswalkAround(transaction, [bound.record_id]), bound.record_id);
      const others = (await journeysOfRecords(transaction, records)).filter((other) => other !== journeyId);
      const parts = isTraceabilityKept
        ? await keepForTracing(transaction, records, others)
        : await unbind(transaction, journeyId, records, others, context.now());
      await appendAudit(transaction, context.keys, {
        occurredAt: context.now(),
        participantId: OPERATOR,
        action: "erase",
        purpose: "patient-administration",
        domain: JOURNEY_DOMAIN,
        outcome: "granted",
        reason: isTraceabilityKept ? "erased but for traceability" : "erased",
        subject: { records, journey: journeyId },
      });
      return parts;
    },
  };
}

async function keepForTracing(transaction: Transaction<Database>, records: readonly string[], others: readonly string[]): Promise<ErasedPart[]> {
  const kept: ErasedPart = { what: "the patient's records: identifiers and pseudonyms", count: records.length, isKept: true };
  if (await isAnyInUse(transaction, others)) return [kept];
  const consents = await transaction.deleteFrom("patient_consents").where("record_id", "in", records).returning("consent_id").execute();
  return [{ what: "the patient's consents", count: consents.length }, kept];
}

async function isAnyInUse(transaction: Transaction<Database>, journeyIds: readonly string[]): Promise<boolean> {
  if (journeyIds.length === 0) return false;
  const used = await transaction
    .selectFrom("journeys")
    .select("journey_id")
    .where("journey_id", "in", journeyIds)
    .where("erased_at_milliseconds", "is", null)
    .executeTakeFirst();
  return used !== undefined;
}

async function unbind(
  transaction: Transaction<Database>,
  journeyId: string,
  records: readonly string[],
  others: readonly string[],
  now: number,
): Promise<ErasedPart[]> {
  await transaction.deleteFrom("journey_patients").where("journey_id", "=", journeyId).execute();
  const link: ErasedPart = { what: "the link between journey and patient", count: 1 };
  if (others.length > 0) return [link];
  await eraseRecords(transaction, records, now);
  return [link, { what: "the patient's records: keys, identifiers, pseudonyms and consents", count: records.length }];
}
