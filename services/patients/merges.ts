import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import { identifierText, judgeMerge, recordsOf, withMerge } from "../model/patient/index.ts";
import type { Crosswalk, LocalIdentifier, Merge } from "../model/patient/index.ts";
import type { Database } from "../store/schema.ts";
import { domainOf } from "./actor.ts";
import type { Actor, Outcome } from "./actor.ts";
import { audited, granted, refused } from "./audited.ts";
import type { Act, Conclusion, PatientContext } from "./audited.ts";
import { isRepeated, rememberMessage } from "./messages.ts";
import { flagMergeConflict, openJourneysOf } from "./open-journeys.ts";
import { addIdentifier, createRecord, crosswalkAround, findRecord } from "./records.ts";

/** HL7 v2 ADT^A40: what `subsumed` (MRG-1) named is from now on the patient that `surviving` (PID-3) names. */
export interface MergePair {
  surviving: LocalIdentifier;
  subsumed: LocalIdentifier;
}

export interface MergeResult {
  merge: number;
  /** True when it stood before: announced again. */
  standing: boolean;
  /** Journeys that were flagged because both patients have one under way. */
  conflicts: string[];
}

/** Identifiers of an act and the records they name, those yet to be made among them. */
interface NamedRecords {
  recordOf: (identifier: LocalIdentifier) => string | undefined;
  unregistered: ReadonlyMap<string, { recordId: string; identifier: LocalIdentifier }>;
}

/**
 * Makes pairs of the caller's own identifiers one patient each: all of them, or none. A pair of which only one identifier
 * is known registers the other; a pair of which neither is known concerns nobody here. A message that was applied before,
 * by `messageIdentity`, yields no merges.
 */
export function mergePatients(
  context: PatientContext,
  actor: Actor,
  pairs: readonly MergePair[],
  messageIdentity?: string,
): Promise<Outcome<{ merges: MergeResult[] }>> {
  const intent = { action: "merge", purpose: "patient-administration", domain: domainOf(actor) } as const;
  return audited(context, actor, intent, async (act): Promise<Conclusion<{ merges: MergeResult[] }>> => {
    if (await isRepeated(act, messageIdentity)) return granted({ merges: [] }, "message applied before", { merges: [] });
    const named = await nameRecords(act, pairs);
    const judged = await judgePairs(act, pairs, named);
    if ("refusal" in judged) return judged.refusal;
    for (const { recordId, identifier } of named.unregistered.values()) {
      await createRecord(act.transaction, act.keys, act.now, recordId);
      await addIdentifier(act.transaction, act.keys, { actor, recordId, identifier, now: act.now });
    }
    const merges: MergeResult[] = [];
    for (const { merge, standing, before } of judged.merges)
      merges.push({ merge: merge.number, standing, conflicts: standing ? [] : await storeMerge(act, merge, before) });
    await rememberMessage(act, messageIdentity);
    const made = judged.merges.filter(({ standing }) => !standing).map(({ merge }) => ({ ...merge }));
    return granted({ merges }, made.length === 0 ? "stands already" : "merged", { merges: made });
  });
}

async function nameRecords({ transaction, keys, actor }: Act, pairs: readonly MergePair[]): Promise<NamedRecords> {
  const own = { participantId: actor.participantId, domain: domainOf(actor) };
  const textOf = (identifier: LocalIdentifier) => identifierText(actor.participantId, identifier);
  const known = new Map<string, string>();
  const unregistered = new Map<string, { recordId: string; identifier: LocalIdentifier }>();
  for (const { surviving, subsumed } of pairs) {
    for (const identifier of [surviving, subsumed]) {
      const record = known.get(textOf(identifier)) ?? (await findRecord(transaction, keys, identifier, own));
      if (record !== undefined) known.set(textOf(identifier), record);
    }
    const [missing, ...others] = [surviving, subsumed].filter((identifier) => !known.has(textOf(identifier)));
    if (missing === undefined || others.length > 0) continue;
    const recordId = randomUUID();
    known.set(textOf(missing), recordId);
    unregistered.set(textOf(missing), { recordId, identifier: missing });
  }
  return { recordOf: (identifier) => known.get(textOf(identifier)), unregistered };
}

interface JudgedMerge {
  merge: Merge;
  standing: boolean;
  /** The merges that stood before it. */
  before: Crosswalk;
}

async function judgePairs(
  { transaction }: Act,
  pairs: readonly MergePair[],
  { recordOf }: NamedRecords,
): Promise<{ merges: JudgedMerge[] } | { refusal: Conclusion<never> }> {
  const records = pairs.flatMap(({ surviving, subsumed }) => {
    const [first, second] = [recordOf(surviving), recordOf(subsumed)];
    return first === undefined || second === undefined ? [] : [{ surviving: first, subsumed: second }];
  });
  if (records.length === 0) return { refusal: refused("unknown-patient", "the caller registered neither identifier") };
  let crosswalk = await crosswalkAround(transaction, records.flatMap(({ surviving, subsumed }) => [surviving, subsumed]));
  let number = await lastMerge(transaction);
  const merges: JudgedMerge[] = [];
  for (const { surviving, subsumed } of records) {
    const verdict = judgeMerge(crosswalk, surviving, subsumed);
    if (verdict.kind === "refused") return { refusal: refused(verdict.code, verdict.reason, { surviving, subsumed }) };
    const standing = verdict.kind === "standing";
    const merge = { number: standing ? verdict.number : (number += 1), surviving, subsumed };
    merges.push({ merge, standing, before: crosswalk });
    crosswalk = withMerge(crosswalk, merge);
  }
  return { merges };
}

async function lastMerge(transaction: Transaction<Database>): Promise<number> {
  const { last } = await transaction
    .selectFrom("patient_merges")
    .select((select) => select.fn.max<number | null>("merge_number").as("last"))
    .executeTakeFirstOrThrow();
  return last ?? 0;
}

/** Stores a merge; returns the journeys it flagged. */
async function storeMerge({ transaction, actor, now }: Act, merge: Merge, before: Crosswalk): Promise<string[]> {
  const surviving = await openJourneysOf(transaction, recordsOf(before, merge.surviving));
  const subsumed = await openJourneysOf(transaction, recordsOf(before, merge.subsumed));
  await transaction
    .insertInto("patient_merges")
    .values({
      merge_number: merge.number,
      surviving_record_id: merge.surviving,
      subsumed_record_id: merge.subsumed,
      merged_by: actor.participantId,
      merged_at_milliseconds: now,
      unmerged_by: null,
      unmerged_at_milliseconds: null,
    })
    .execute();
  if (surviving.length === 0 || subsumed.length === 0) return [];
  const journeys = [...surviving, ...subsumed].map(({ journeyId }) => journeyId);
  await flagMergeConflict(transaction, {
    kind: "merge",
    number: merge.number,
    journeys,
    now,
    message: "two patients were merged while both have a journey under way; confirm whose material each journey carries",
  });
  return journeys;
}
