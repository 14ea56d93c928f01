import { createLabelRenderer, LABEL_FORMATS } from "../../labels/index.ts";
import type { LabelFormat, LabelRenderer } from "../../labels/index.ts";
import { labelContentSchema } from "../../model/identity/index.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { knownJourney, refuseErased } from "../journeys/visible.ts";
import { labelOf } from "../labels/register.ts";
import { labelPath } from "../schemas/labels.ts";
import type { OracleParts } from "../oracle-parts.ts";

const OPERATION_IDS: Record<LabelFormat, string> = { svg: "getLabelSvg", png: "getLabelPng", pdf: "getLabelPdf" };

/** A label as a file to print. What was voided meanwhile is drawn void and without symbols. */
export function labelFileOperations({ database }: OracleParts): Operation[] {
  let loading: Promise<LabelRenderer> | undefined;
  const renderer = () => (loading ??= createLabelRenderer());

  return (Object.keys(LABEL_FORMATS) as LabelFormat[]).map((format) =>
    operation({
      operationId: OPERATION_IDS[format],
      method: "get",
      path: `/journeys/{journeyId}/labels/{labelId}.${format}`,
      tag: "identity",
      summary: `The label as ${format.toUpperCase()}, in true size`,
      parameters: labelPath,
      responses: {
        200: { description: "The label.", mediaType: LABEL_FORMATS[format] },
        404: { description: "No such journey or label." },
        410: { description: "Erased on the subject's request." },
      },
      async handle({ path, caller }) {
        refuseErased(await knownJourney(database, caller, path.journeyId));
        const row = await labelOf(database, path.journeyId, path.labelId);
        const print = {
          content: labelContentSchema.parse(JSON.parse(row.content)),
          voided: row.voided_at_milliseconds !== null,
          printedAtMilliseconds: row.printed_at_milliseconds,
        };
        const file = await (await renderer()).render(print, format);
        const disposition = `inline; filename="label-${row.label_id}.${format}"`;
        return { status: 200, mediaType: LABEL_FORMATS[format], headers: { "Content-Disposition": disposition }, body: Buffer.from(file) };
      },
    }),
  );
}
