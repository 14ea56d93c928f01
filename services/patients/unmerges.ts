import type { Kysely, Transaction } from "kysely";
import { judgeUnmerge, recordsOf, replayCrosswalk } from "../model/patient/index.ts";
import type { Crosswalk, CrosswalkFact, Merge } from "../model/patient/index.ts";
import type { Database } from "../store/schema.ts";
import { domainOf } from "./actor.ts";
import type { Actor, Outcome } from "./actor.ts";
import { audited, granted, refused } from "./audited.ts";
import type { Act, Conclusion, PatientContext } from "./audited.ts";
import type { MergePair } from "./merges.ts";
import { isRepeated, rememberMessage } from "./messages.ts";
import { flagMergeConflict, openJourneysOf } from "./open-journeys.ts";
import { crosswalkAround, findRecord } from "./records.ts";

/** A merge by its number, or by the two identifiers it joined (HL7 v2 ADT^A37, unlink). */
export type UnmergeRequest = { merge: number } | MergePair;

export interface UnmergeResult {
  merge: number;
  /** True when later merges of the patient stand: the unmerged record took along what was merged into it. */
  outOfOrder: boolean;
  /** Journeys that were flagged. */
  conflicts: string[];
}

/** Undoes a merge the caller made: both patients are again what they were, and the history stays. */
export function unmergePatients(
  context: PatientContext,
  actor: Actor,
  request: UnmergeRequest,
  messageIdentity?: string,
): Promise<Outcome<UnmergeResult>> {
  const intent = { action: "unmerge", purpose: "patient-administration", domain: domainOf(actor) } as const;
  return audited(context, actor, intent, async (act): Promise<Conclusion<UnmergeResult>> => {
    const { transaction, now } = act;
    if (await isRepeated(act, messageIdentity)) return refused("message-repeated", "the message was applied before; nothing was changed");
    const number = "merge" in request ? request.merge : await mergeBetween(act, request);
    const row = await transaction
      .selectFrom("patient_merges")
      .selectAll()
      .where("merge_number", "=", number ?? 0)
      .where("merged_by", "=", actor.participantId)
      .executeTakeFirst();
    if (number === undefined || row === undefined) return refused("unknown-merge", "the caller made no such merge");
    const crosswalk = await crosswalkAround(transaction, [row.subsumed_record_id]);
    const verdict = judgeUnmerge(crosswalk, number);
    if (verdict === undefined) return refused("not-merged", "the merge does not stand any more", { merge: number });
    await transaction
      .updateTable("patient_merges")
      .set({ unmerged_by: actor.participantId, unmerged_at_milliseconds: now })
      .where("merge_number", "=", number)
      .execute();
    const open = await openJourneysOf(transaction, recordsOf(crosswalk, row.subsumed_record_id));
    const conflicts = open
      .filter(({ boundAt }) => verdict.outOfOrder || boundAt >= row.merged_at_milliseconds)
      .map(({ journeyId }) => journeyId);
    await flagMergeConflict(transaction, {
      kind: "unmerge",
      number,
      journeys: conflicts,
      now,
      message: "two patients were separated again after this journey was bound to them as one; confirm whose material it carries",
    });
    await rememberMessage(act, messageIdentity);
    const reason = verdict.outOfOrder ? "unmerged out of order" : "unmerged";
    return granted({ merge: number, outOfOrder: verdict.outOfOrder, conflicts }, reason, { merge: number });
  });
}

/** The merge that stands directly between the records of two identifiers, whichever survived. */
async function mergeBetween({ transaction, keys, actor }: Act, { surviving, subsumed }: MergePair): Promise<number | undefined> {
  const own = { participantId: actor.participantId, domain: domainOf(actor) };
  const first = await findRecord(transaction, keys, surviving, own);
  const second = await findRecord(transaction, keys, subsumed, own);
  if (first === undefined || second === undefined) return undefined;
  const crosswalk = await crosswalkAround(transaction, [first, second]);
  const joins = (merge: Merge | undefined, record: string) => (merge?.surviving === record ? merge.number : undefined);
  return joins(crosswalk.get(second), first) ?? joins(crosswalk.get(first), second);
}

/** The crosswalk as the audit trail tells it; equal to the tables unless someone changed them. */
export async function crosswalkFromTrail(database: Kysely<Database>): Promise<Crosswalk> {
  const rows = await database
    .selectFrom("patient_audit")
    .select(["action", "subject"])
    .where("action", "in", ["merge", "unmerge"])
    .where("outcome", "=", "granted")
    .orderBy("entry_number")
    .execute();
  return replayCrosswalk(
    rows.flatMap(({ action, subject }): CrosswalkFact[] => {
      if (action === "unmerge") return [{ kind: "unmerged", number: (JSON.parse(subject) as { merge: number }).merge }];
      const { merges } = JSON.parse(subject) as { merges: Merge[] };
      return merges.map((merge) => ({ kind: "merged", ...merge }));
    }),
  );
}

/** The crosswalk as the tables hold it. */
export async function crosswalkFromTables(database: Kysely<Database> | Transaction<Database>): Promise<Crosswalk> {
  const merges = await database
    .selectFrom("patient_merges")
    .select(["merge_number as number", "surviving_record_id as surviving", "subsumed_record_id as subsumed"])
    .where("unmerged_at_milliseconds", "is", null)
    .orderBy("merge_number")
    .execute();
  return new Map(merges.map((merge) => [merge.subsumed, merge]));
}
