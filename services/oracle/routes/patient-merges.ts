import { z } from "zod";
import { localIdentifierSchema } from "../../model/patient/index.ts";
import type { Caller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { maySeeJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { actorOf, answered } from "../schemas/patients.ts";
import { hash32Schema } from "../schemas/common.ts";

const pairSchema = z.strictObject({ surviving: localIdentifierSchema, subsumed: localIdentifierSchema });

const flagged = z.strictObject({
  merge: z.int(),
  flaggedJourneys: z.int().meta({ description: "Journeys flagged with the exception patient-merge-conflict" }),
  conflicts: z.array(hash32Schema).meta({ description: "Those of them that the caller may see" }),
});

/** Merging and unmerging patients as hospitals do (HL7 v2 ADT^A40, A37): a fact, flagged where it touches journeys. */
export function patientMergeOperations(parts: OracleParts): Operation[] {
  /** Wakes the relay for the exceptions, and names the journeys the caller may see: others' are not its business. */
  async function shown(journeyIds: readonly string[], caller: Caller) {
    if (journeyIds.length > 0) parts.onOperation();
    const conflicts: string[] = [];
    for (const journeyId of journeyIds)
      if (await maySeeJourney(parts.database, caller, journeyId)) conflicts.push(journeyId);
    return { flaggedJourneys: journeyIds.length, conflicts };
  }

  const merge = operation({
    operationId: "mergePatients",
    method: "post",
    path: "/patients/merges",
    tag: "patients",
    summary: "Make two of the caller's identifiers one patient; the prior one is subsumed by the surviving one",
    body: pairSchema,
    responses: {
      200: { description: "The merge stood already.", schema: flagged },
      201: { description: "Merged.", schema: flagged },
      404: { description: "The caller registered neither identifier." },
      409: { description: "Into itself, in a circle, or subsumed already." },
    },
    async handle({ body, caller }) {
      const { merges } = answered(await parts.patients.merge(actorOf(caller), [body]));
      const [result] = merges;
      if (result === undefined) throw new RangeError("a merge was granted without a result");
      const answer = { merge: result.merge, ...(await shown(result.conflicts, caller)) };
      return { status: result.standing ? 200 : 201, body: answer };
    },
  });

  const unmerge = operation({
    operationId: "unmergePatients",
    method: "post",
    path: "/patients/unmerges",
    tag: "patients",
    summary: "Undo a merge the caller made, by its number or its two identifiers; the history stays",
    body: z.union([z.strictObject({ merge: z.int().min(1) }), pairSchema]),
    responses: {
      201: {
        description: "Unmerged. Out of order: later merges of the patient stand, and went along.",
        schema: flagged.extend({ outOfOrder: z.boolean() }),
      },
      404: { description: "The caller made no such merge." },
      409: { description: "The merge does not stand any more." },
    },
    async handle({ body, caller }) {
      const result = answered(await parts.patients.unmerge(actorOf(caller), body));
      return { status: 201, body: { ...result, ...(await shown(result.conflicts, caller)) } };
    },
  });

  return [merge, unmerge];
}
