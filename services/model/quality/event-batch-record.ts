import { extensionValue, THREADLINE_NAMESPACE } from "../epcis/index.ts";
import type { EpcisEvent, JsonLdContext } from "../epcis/index.ts";
import { batchEntrySchema } from "./batch-entries.ts";
import type { BatchEntry } from "./batch-entries.ts";

/** Batch record entries an EPCIS event carries; its transformationID is the batch. */
export interface EventBatchRecord {
  batch: string;
  entries: BatchEntry[];
}

/**
 * Reads the extension `threadline:batchRecordEntry` (an entry or a list of them) of a TransformationEvent. Null when the
 * event has none; `fault` when it is no entry, or the event names no batch.
 */
export function eventBatchRecord(event: EpcisEvent, context: JsonLdContext): EventBatchRecord | { fault: string } | null {
  const carried = extensionValue(event, context, THREADLINE_NAMESPACE, "batchRecordEntry");
  if (carried === undefined) return null;
  if (event.type !== "TransformationEvent" || event.transformationID === undefined)
    return { fault: "threadline:batchRecordEntry belongs in a TransformationEvent with the batch as its transformationID" };
  const entries: BatchEntry[] = [];
  for (const [index, item] of (Array.isArray(carried) ? carried : [carried]).entries()) {
    const parsed = batchEntrySchema.safeParse(item);
    if (!parsed.success) {
      const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
      return { fault: `threadline:batchRecordEntry ${index}: ${issues.join("; ")}` };
    }
    entries.push(parsed.data);
  }
  return { batch: event.transformationID, entries };
}
