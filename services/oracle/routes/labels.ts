import { z } from "zod";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { participantNames } from "../journeys/status.ts";
import { knownJourney, refuseErased } from "../journeys/visible.ts";
import { labelAnswer } from "../labels/answer.ts";
import { printLabel } from "../labels/print.ts";
import { labelOf, labelsOf, lockJourney, voidLabels } from "../labels/register.ts";
import { labelPath, labelSchema, newLabelSchema, reasonSchema } from "../schemas/labels.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { labelFileOperations } from "./label-files.ts";
import { labelReconciliationOperations } from "./label-reconciliation.ts";
import { journeyPath } from "../schemas/common.ts";

/** Labels of a journey's containers: printed in versions, voided with a reason, drawn, reconciled; never deleted. */
export function labelOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const print = operation({
    operationId: "printLabel",
    method: "post",
    path: "/journeys/{journeyId}/labels",
    tag: "identity",
    summary: "Print the label of a container; a reprint is the next version, needs a reason and voids the one before",
    parameters: journeyPath,
    body: newLabelSchema,
    responses: {
      201: { description: "In the register; its files can be fetched.", schema: z.strictObject({ label: labelSchema, replaces: z.string().nullable() }) },
      400: { description: "The label may not say this." },
      404: { description: "No such journey." },
      409: { description: "A reprint without reason, or a container or donation that is not this journey's." },
    },
    async handle({ path, body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      const journey = await knownJourney(database, caller, path.journeyId);
      const { labelId, replaces } = await printLabel(database, journey, participantId, body);
      const label = labelAnswer(await labelOf(database, path.journeyId, labelId), await participantNames(database));
      return { status: 201, headers: { Location: `/journeys/${path.journeyId}/labels/${labelId}.pdf` }, body: { label, replaces } };
    },
  });

  const list = operation({
    operationId: "listLabels",
    method: "get",
    path: "/journeys/{journeyId}/labels",
    tag: "identity",
    summary: "Labels printed for a journey, voided ones included",
    parameters: journeyPath,
    responses: {
      200: { description: "By container and version.", schema: z.strictObject({ labels: z.array(labelSchema) }) },
      404: { description: "No such journey." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, caller }) {
      refuseErased(await knownJourney(database, caller, path.journeyId));
      const people = await participantNames(database);
      const labels = (await labelsOf(database, path.journeyId)).map((row) => labelAnswer(row, people));
      return { status: 200, body: { labels } };
    },
  });

  const voiding = operation({
    operationId: "voidLabel",
    method: "post",
    path: "/journeys/{journeyId}/labels/{labelId}/void",
    tag: "identity",
    summary: "Void a label: from now on its scan is an exception",
    parameters: labelPath,
    body: z.strictObject({ reason: reasonSchema }),
    responses: {
      200: { description: "Void.", schema: labelSchema },
      404: { description: "No such journey or label." },
      409: { description: "Void already; when and why is answered." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      refuseErased(await knownJourney(database, caller, path.journeyId));
      const row = await database.transaction().execute(async (transaction) => {
        await lockJourney(transaction, path.journeyId);
        const before = await labelOf(transaction, path.journeyId, path.labelId);
        if (before.voided_at_milliseconds !== null)
          throw problem(409, "label-voided", `the label was voided already: ${before.void_reason ?? ""}`);
        await voidLabels(transaction, path.journeyId, [path.labelId], { participantId, reason: body.reason, atMilliseconds: Date.now() });
        return labelOf(transaction, path.journeyId, path.labelId);
      });
      return { status: 200, body: labelAnswer(row, await participantNames(database)) };
    },
  });

  return [print, list, voiding, ...labelFileOperations(parts), ...labelReconciliationOperations(parts)];
}
