import type { Operation } from "./operation.ts";

/** Most custody events in one transaction. */
export const LARGEST_CUSTODY_BATCH = 100;
/** Most segments of one leg in one transaction; a proof costs some 270,000 gas. */
export const LARGEST_SEGMENT_BATCH = 4;

/**
 * The first operations that can go in one transaction. Order is kept: an operation never overtakes an earlier one,
 * so what it depends on is mined before it.
 */
export function firstGroup(operations: readonly Operation[]): Operation[] {
  const [first] = operations;
  if (first === undefined) return [];
  const limit = first.kind === "custody-event" ? LARGEST_CUSTODY_BATCH : first.kind === "submit-segment" ? LARGEST_SEGMENT_BATCH : 1;
  const end = operations.findIndex((operation, index) => index >= limit || !goesWith(first, operation));
  return operations.slice(0, end === -1 ? operations.length : end);
}

function goesWith(first: Operation, operation: Operation): boolean {
  if (first.kind !== operation.kind) return false;
  if (first.kind !== "submit-segment" || operation.kind !== "submit-segment") return true;
  return first.payload.journeyId === operation.payload.journeyId && first.payload.leg === operation.payload.leg;
}
