import type { z } from "zod";
import { LABEL_FORMATS } from "../../labels/index.ts";
import type { LabelFormat } from "../../labels/index.ts";
import { rfc3339FromMilliseconds } from "../schemas/common.ts";
import type { StoredLabel } from "./register.ts";
import type { labelSchema } from "../schemas/labels.ts";

/** A label of the register as it is answered. */
export function labelAnswer(row: StoredLabel, people: Map<string, { name: string }>): z.output<typeof labelSchema> {
  const nameOf = (participantId: string) => people.get(participantId)?.name ?? participantId;
  const base = `/journeys/${row.journey_id}/labels/${row.label_id}`;
  const files = Object.fromEntries(Object.keys(LABEL_FORMATS).map((format) => [format, `${base}.${format}`]));
  return {
    labelId: row.label_id,
    container: row.epc,
    version: row.version,
    status: row.voided_at_milliseconds === null ? "valid" : "voided",
    reason: row.reason,
    printedBy: nameOf(row.printed_by),
    printedAt: rfc3339FromMilliseconds(row.printed_at_milliseconds),
    voidedBy: row.voided_by === null ? null : nameOf(row.voided_by),
    voidedAt: row.voided_at_milliseconds === null ? null : rfc3339FromMilliseconds(row.voided_at_milliseconds),
    voidReason: row.void_reason,
    files: files as Record<LabelFormat, string>,
  };
}
