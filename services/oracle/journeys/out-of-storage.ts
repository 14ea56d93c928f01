import type { Transaction } from "kysely";
import { timeLimitClocks } from "../../model/condition/index.ts";
import type { FlowDefinition } from "../../model/custody/index.ts";
import { recordException } from "../../store/exception-details.ts";
import { stepsOfJourney } from "../../store/recorded-steps.ts";
import type { Database } from "../../store/schema.ts";

export interface TimedJourney {
  journeyId: string;
  flow: FlowDefinition;
}

/**
 * Raises what a journey's cumulative limits show, once a limit. Without a clock only time that is over counts: from
 * each step out to the one back. With `nowSeconds` time still running counts too. Returns how many were new.
 */
export async function raiseOutOfStorage(transaction: Transaction<Database>, { journeyId, flow }: TimedJourney, nowSeconds: number | null): Promise<number> {
  if (flow.timeOutOfStorage.length === 0) return 0;
  const recorded = await stepsOfJourney(transaction, journeyId);
  let raised = 0;
  for (const clock of timeLimitClocks(flow, recorded, nowSeconds ?? 0)) {
    if (clock.kind !== "out-of-storage" || clock.state !== "exceeded") continue;
    const { isNew } = await recordException(transaction, {
      journeyId,
      code: "time-out-of-storage-exceeded",
      leg: null,
      occurredAt: clock.exceededAt ?? clock.startedAt ?? 0,
      observed: clock.elapsedSeconds,
      limit: clock.limitSeconds,
      unit: "seconds",
      message: `${clock.elapsedSeconds} s out of storage in all by the limit "${clock.name}", from ${clock.of.join(", ")} to ${clock.step.join(", ")}; ${clock.limitSeconds} s are allowed`,
      key: `limit:${clock.name}`,
    });
    if (isNew) raised += 1;
  }
  return raised;
}
