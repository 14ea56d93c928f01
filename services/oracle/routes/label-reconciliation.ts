import { randomUUID } from "node:crypto";
import { z } from "zod";
import { reconcileLabels } from "../../model/identity/index.ts";
import { recordException } from "../../store/exception-details.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { participantNames } from "../journeys/status.ts";
import { knownJourney, refuseErased } from "../journeys/visible.ts";
import { labelsOf, lockJourney, printedLabel, voidLabels } from "../labels/register.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { exceptionAnswer } from "../schemas/exception-answer.ts";
import { journeyPath, momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

const labelIds = z.array(z.uuid()).max(1000);

const countSchema = z.strictObject({
  applied: labelIds.meta({ description: "Labels found on containers" }),
  destroyed: labelIds.meta({ description: "Labels destroyed, voided ones among them" }),
});

const reconciledSchema = z.strictObject({
  reconciliationId: z.string(),
  printed: z.int(),
  applied: z.int(),
  destroyed: z.int(),
  differences: z.array(z.strictObject({ labelId: z.string(), difference: z.string() })),
});

const listedSchema = reconciledSchema.extend({ performedBy: z.string(), performedAt: momentText });

/** Label reconciliation: printed = applied + destroyed, label by label. A difference is recorded, and an exception. */
export function labelReconciliationOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const reconcile = operation({
    operationId: "reconcileLabels",
    method: "post",
    path: "/journeys/{journeyId}/labels/reconciliation",
    tag: "identity",
    summary: "Reconcile the labels printed for a journey with those applied and destroyed",
    parameters: journeyPath,
    body: countSchema,
    responses: {
      201: { description: "No difference. A label counted as destroyed is void.", schema: reconciledSchema },
      404: { description: "No such journey." },
      409: { description: "A difference: recorded, with the exception that is named." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      const { journeyId } = path;
      refuseErased(await knownJourney(database, caller, journeyId));
      const reconciliationId = randomUUID();
      const atMilliseconds = Date.now();
      const { result, exception } = await database.transaction().execute(async (transaction) => {
        await lockJourney(transaction, journeyId);
        const printed = (await labelsOf(transaction, journeyId)).map(printedLabel);
        const result = reconcileLabels(printed, body);
        // A count that does not add up may be wrong itself: it makes no label void.
        const destroyed = result.differences.length === 0 ? body.destroyed : [];
        await voidLabels(transaction, journeyId, destroyed, { participantId, reason: "destroyed, as counted at reconciliation", atMilliseconds });
        await transaction
          .insertInto("label_reconciliations")
          .values({
            reconciliation_id: reconciliationId,
            journey_id: journeyId,
            performed_by: participantId,
            performed_at_milliseconds: atMilliseconds,
            printed: result.printed,
            applied: result.applied,
            destroyed: result.destroyed,
            differences: JSON.stringify(result.differences),
          })
          .execute();
        const exception = {
          leg: null,
          occurredAt: Math.floor(atMilliseconds / 1000),
          observed: `${result.printed} printed, ${result.applied} applied, ${result.destroyed} destroyed`,
          limit: "printed = applied + destroyed, each label once",
          unit: "labels",
          message: result.differences.map(({ labelId, difference }) => `${labelId} ${difference}`).join("; "),
        };
        if (result.differences.length > 0)
          await recordException(transaction, {
            ...exception,
            journeyId,
            code: "label-reconciliation-difference",
            key: `reconciliation:${reconciliationId}`,
          });
        return { result, exception };
      });
      if (result.differences.length === 0) return { status: 201, body: { reconciliationId, ...result } };
      parts.onOperation();
      throw problem(409, "label-reconciliation-difference", `STOP: ${exception.observed}: ${exception.message}`, {
        reconciliationId,
        ...result,
        exception: exceptionAnswer("label-reconciliation-difference", exception),
      });
    },
  });

  const list = operation({
    operationId: "listLabelReconciliations",
    method: "get",
    path: "/journeys/{journeyId}/labels/reconciliation",
    tag: "identity",
    summary: "Reconciliations of a journey's labels, with their differences",
    parameters: journeyPath,
    responses: {
      200: { description: "In the order they were done.", schema: z.strictObject({ reconciliations: z.array(listedSchema) }) },
      404: { description: "No such journey." },
    },
    async handle({ path, caller }) {
      await knownJourney(database, caller, path.journeyId);
      const people = await participantNames(database);
      const rows = await database
        .selectFrom("label_reconciliations")
        .selectAll()
        .where("journey_id", "=", path.journeyId)
        .orderBy("performed_at_milliseconds")
        .execute();
      const reconciliations = rows.map((row) => ({
        reconciliationId: row.reconciliation_id,
        performedBy: people.get(row.performed_by)?.name ?? row.performed_by,
        performedAt: rfc3339FromMilliseconds(row.performed_at_milliseconds),
        printed: row.printed,
        applied: row.applied,
        destroyed: row.destroyed,
        differences: row.differences,
      }));
      return { status: 200, body: { reconciliations } };
    },
  });

  return [reconcile, list];
}
