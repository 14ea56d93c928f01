import type { AccessTrail } from "../../store/access-trail.ts";
import { recordRefusal } from "../fhir/access-trail.ts";
import type { AnsweredOperation } from "../http/router.ts";
import { accessorOf } from "./accessor.ts";

/**
 * Writes down an answer that shows something of a therapy, or the refusal of one, before it is sent; once for each journey
 * it shows. When this fails nothing is answered. The FHIR façade writes down its own answers, in FHIR's terms.
 */
export async function recordAnswer(accesses: AccessTrail, answered: AnsweredOperation): Promise<void> {
  const { operation, access, caller, status, journeyIds } = answered;
  if (access.audited === "by-itself") {
    if (status === 403) await recordRefusal(accesses, operation.operationId, caller);
    return;
  }
  if (access.audited === undefined) return;
  const occurredAt = Date.now();
  const journeys = journeyIds.length === 0 ? [null] : [...new Set(journeyIds)];
  await accesses.record(
    journeys.map((journeyId) => ({
      ...accessorOf(caller),
      occurred_at_milliseconds: occurredAt,
      operation_id: operation.operationId,
      status,
      journey_id: journeyId,
      interaction: null,
      resource_type: null,
      resource_id: null,
      parameters: "",
      resources: 0,
      is_refused: status >= 400,
      pseudonym_shown: false,
    })),
  );
}
