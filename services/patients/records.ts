import { randomBytes, randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import { crosswalkOf, identifierText, PSEUDONYM_BYTES } from "../model/patient/index.ts";
import type { Crosswalk, LocalIdentifier, Merge } from "../model/patient/index.ts";
import type { Database } from "../store/schema.ts";
import type { Actor, PatientReference } from "./actor.ts";
import type { PatientKeys, RecordKey } from "./patient-keys.ts";

/** Makes a record with a key of its own. Its id is random and says nothing. */
export async function createRecord(
  transaction: Transaction<Database>,
  keys: PatientKeys,
  now: number,
  recordId: string = randomUUID(),
): Promise<string> {
  await transaction
    .insertInto("patient_records")
    .values({
      record_id: recordId,
      sealed_key: keys.newRecordKey(recordId).sealedKey,
      created_at_milliseconds: now,
      erased_at_milliseconds: null,
    })
    .execute();
  return recordId;
}

/** Ties an organisation's identifier to a record. */
export async function addIdentifier(
  transaction: Transaction<Database>,
  keys: PatientKeys,
  { actor, recordId, identifier, now }: { actor: Actor; recordId: string; identifier: LocalIdentifier; now: number },
): Promise<void> {
  const recordKey = await recordKeyOf(transaction, keys, recordId);
  await transaction
    .insertInto("patient_identifiers")
    .values({
      identifier_index: keys.blindIndex("identifier", identifierText(actor.participantId, identifier)),
      record_id: recordId,
      sealed_identifier: recordKey.seal("identifier", JSON.stringify(identifier)),
      registered_by: actor.participantId,
      registered_at_milliseconds: now,
    })
    .execute();
}

/** The record an organisation's own identifier, or a pseudonym of a domain, names; undefined when it names none. */
export async function findRecord(
  transaction: Transaction<Database>,
  keys: PatientKeys,
  reference: PatientReference,
  { participantId, domain }: { participantId: string; domain: string },
): Promise<string | undefined> {
  if ("pseudonym" in reference) {
    const row = await transaction
      .selectFrom("patient_pseudonyms")
      .select("record_id")
      .where("pseudonym_index", "=", pseudonymIndex(keys, domain, reference.pseudonym))
      .executeTakeFirst();
    return row?.record_id;
  }
  const row = await transaction
    .selectFrom("patient_identifiers")
    .select("record_id")
    .where("identifier_index", "=", keys.blindIndex("identifier", identifierText(participantId, reference)))
    .executeTakeFirst();
  return row?.record_id;
}

function pseudonymIndex(keys: PatientKeys, domain: string, pseudonym: string): string {
  return keys.blindIndex("pseudonym", JSON.stringify([domain, pseudonym]));
}

/** The record's pseudonym in a domain, drawn at random when it is first asked for. */
export async function pseudonymOf(
  transaction: Transaction<Database>,
  keys: PatientKeys,
  recordId: string,
  domain: string,
): Promise<string> {
  const recordKey = await recordKeyOf(transaction, keys, recordId);
  const row = await transaction
    .selectFrom("patient_pseudonyms")
    .select("sealed_pseudonym")
    .where("record_id", "=", recordId)
    .where("domain", "=", domain)
    .executeTakeFirst();
  if (row !== undefined) return recordKey.open(`pseudonym:${domain}`, row.sealed_pseudonym);
  const pseudonym = `0x${randomBytes(PSEUDONYM_BYTES).toString("hex")}`;
  await transaction
    .insertInto("patient_pseudonyms")
    .values({
      record_id: recordId,
      domain,
      pseudonym_index: pseudonymIndex(keys, domain, pseudonym),
      sealed_pseudonym: recordKey.seal(`pseudonym:${domain}`, pseudonym),
    })
    .execute();
  return pseudonym;
}

/** What one organisation calls a patient, out of its records. */
export async function identifiersOf(
  transaction: Transaction<Database>,
  keys: PatientKeys,
  records: readonly string[],
  registeredBy: string,
): Promise<LocalIdentifier[]> {
  const rows = await transaction
    .selectFrom("patient_identifiers")
    .select(["record_id", "sealed_identifier"])
    .where("record_id", "in", records)
    .where("registered_by", "=", registeredBy)
    .orderBy("registered_at_milliseconds")
    .orderBy("identifier_index")
    .execute();
  const identifiers: LocalIdentifier[] = [];
  for (const row of rows) {
    const recordKey = await recordKeyOf(transaction, keys, row.record_id);
    identifiers.push(JSON.parse(recordKey.open("identifier", row.sealed_identifier)) as LocalIdentifier);
  }
  return identifiers;
}

/** The merges that stand between the patients that records belong to: each one's whole tree. */
export async function crosswalkAround(transaction: Transaction<Database>, records: readonly string[]): Promise<Crosswalk> {
  const found = new Map<number, Merge>();
  const seen = new Set<string>();
  for (let waiting = [...records]; waiting.length > 0; ) {
    for (const record of waiting) seen.add(record);
    const rows = await transaction
      .selectFrom("patient_merges")
      .select(["merge_number as number", "surviving_record_id as surviving", "subsumed_record_id as subsumed"])
      .where("unmerged_at_milliseconds", "is", null)
      .where((where) =>
        where.or([where("surviving_record_id", "in", waiting), where("subsumed_record_id", "in", waiting)]),
      )
      .execute();
    for (const row of rows) found.set(row.number, row);
    waiting = [...new Set(rows.flatMap(({ surviving, subsumed }) => [surviving, subsumed]))].filter((id) => !seen.has(id));
  }
  return crosswalkOf(found.values());
}

async function recordKeyOf(transaction: Transaction<Database>, keys: PatientKeys, recordId: string): Promise<RecordKey> {
  const { sealed_key } = await transaction
    .selectFrom("patient_records")
    .select("sealed_key")
    .where("record_id", "=", recordId)
    .where("sealed_key", "is not", null)
    .$narrowType<{ sealed_key: string }>()
    .executeTakeFirstOrThrow();
  return keys.openRecordKey(recordId, sealed_key);
}
