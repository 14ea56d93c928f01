import { z } from "zod";
import { batchEntrySchema } from "../../model/quality/batch-entries.ts";
import { foldBatchRecord } from "../../model/quality/batch-record.ts";
import { controlRecipeRequestSchema } from "../../model/quality/control-recipe.ts";
import { classOf } from "../../model/custody/index.ts";
import { bindRecipe } from "../batch/bind-recipe.ts";
import { loadControlRecipe, loadEntries } from "../batch/load-record.ts";
import { recordBatchEntries } from "../batch/record-entries.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { anyJourney, refuseErased, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath } from "../schemas/common.ts";

const entriesSchema = z.strictObject({ batch: z.url().max(300), entries: z.array(batchEntrySchema).min(1).max(500) });
const recordedSchema = z.strictObject({ recorded: z.array(z.string()), known: z.array(z.string()) });
const viewSchema = z.strictObject({ view: z.enum(["complete", "exceptions"]).default("complete") });
const boundSchema = z.strictObject({ batch: z.string(), recipe: z.strictObject({ name: z.string(), version: z.int(), recipeHash: z.string() }) });

/** The electronic batch record of a journey: its recipe, its entries, and what of them needs a person's eye. */
export function batchRecordOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const bind = operation({
    operationId: "bindRecipe",
    method: "post",
    path: "/journeys/{journeyId}/control-recipe",
    tag: "batch",
    summary: "Bind a master recipe and its equipment to the journey's batch",
    parameters: journeyPath,
    body: controlRecipeRequestSchema,
    responses: {
      200: { description: "Bound before, with the same content.", schema: boundSchema },
      201: { description: "Bound; entries recorded before are judged by it.", schema: boundSchema },
      404: { description: "No such journey or recipe." },
      409: { description: "Another recipe is bound, the batch is another journey's, or the flow's specifications name another recipe." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, body, caller }) {
      const journey = await anyJourney(database, path.journeyId);
      refuseErased(journey);
      const { isNew, control } = await bindRecipe(database, journey, body, caller as ParticipantCaller);
      if (isNew) parts.onOperation();
      return { status: isNew ? 201 : 200, body: { batch: control.batch, recipe: control.recipe } };
    },
  });

  const record = operation({
    operationId: "recordBatchEntries",
    method: "post",
    path: "/journeys/{journeyId}/batch-record/entries",
    tag: "batch",
    summary: "Record entries of the batch record, each once by its id; what they break becomes an exception",
    parameters: journeyPath,
    body: entriesSchema,
    responses: {
      201: { description: "Recorded; entries known already are named.", schema: recordedSchema },
      404: { description: "No such journey." },
      409: { description: "An entry id stands for other content: nothing is recorded." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, body, caller }) {
      refuseErased(await anyJourney(database, path.journeyId));
      const { participantId } = caller as ParticipantCaller;
      const outcome = await database.transaction().execute(async (transaction) => {
        const recorded = await recordBatchEntries(transaction, {
          journeyId: path.journeyId,
          batch: body.batch,
          entries: body.entries,
          eventHash: null,
          recordedBy: participantId,
        });
        if (recorded.conflicting.length > 0) throw entryConflict(recorded.conflicting);
        return { recorded: recorded.recorded, known: recorded.known };
      });
      parts.onOperation();
      return { status: 201, body: outcome };
    },
  });

  const get = operation({
    operationId: "getBatchRecord",
    method: "get",
    path: "/journeys/{journeyId}/batch-record",
    tag: "batch",
    summary: "The batch record, complete or by exception",
    parameters: journeyPath,
    query: viewSchema,
    queryDocument: viewSchema,
    responses: {
      200: { description: "The record; with view=exceptions only what differs from the recipe.", schema: z.looseObject({ batch: z.string() }) },
      404: { description: "No such journey, or no recipe is bound to it." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, query, caller }) {
      refuseErased(await visibleJourney(database, caller, path.journeyId));
      const control = await loadControlRecipe(database, path.journeyId);
      if (control === undefined)
        throw problem(404, "no-control-recipe", "no recipe is bound to this journey; post its control recipe first");
      const stored = await loadEntries(database, path.journeyId);
      const ofBatch = stored.filter(({ batch }) => batch === control.batch).map(({ entry }) => entry);
      const folded = foldBatchRecord(control, ofBatch);
      const record = { ...folded, exceptions: folded.exceptions.map(({ key: _key, ...rest }) => ({ ...rest, class: classOf(rest.code) })) };
      if (query.view === "complete") return { status: 200, body: { ...record, entries: ofBatch } };
      const { phases: _phases, ...exceptionsOnly } = record;
      return { status: 200, body: { ...exceptionsOnly, phaseCount: folded.phases.length, entryCount: ofBatch.length } };
    },
  });

  return [bind, record, get];
}

function entryConflict(conflicting: readonly string[]) {
  return problem(409, "entry-exists", `on record with other content: ${conflicting.join(", ")}; a correction is an entry of its own, with an id of its own`, {
    conflicting,
  });
}
