import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { Failure } from "../../schedule/failure-record.ts";
import { createWorkLoop } from "../../schedule/work-loop.ts";
import type { Database } from "../../store/schema.ts";
import { flowOf } from "../capture/load-facts.ts";
import { raiseOutOfStorage } from "./out-of-storage.ts";

export interface TimeLimitWatch {
  /** Raises what ran out by now; returns how many exceptions were new. */
  sweep(nowMilliseconds?: number): Promise<number>;
  /** Why it does not get on; null while it does. */
  failure(): Failure | null;
  close(): Promise<void>;
}

interface Parts {
  database: Kysely<Database>;
  logger: Logger;
  onOperation: () => void;
}

/**
 * Raises cumulative limits that run out while nothing is captured: material taken out and not put back. Only of what
 * was captured as it happened: what is entered late, or played back, is judged by what is captured after it.
 */
export function createTimeLimitWatch({ sweepMilliseconds }: { sweepMilliseconds: number }, { database, logger, onOperation }: Parts): TimeLimitWatch {
  async function journeysOut(nowMilliseconds: number) {
    const flows = await database.selectFrom("flows").select(["document_hash", "document"]).execute();
    const timed = new Map(
      flows.map((row) => [row.document_hash, flowOf(row.document_hash, row.document)] as const).filter(([, flow]) => flow.timeOutOfStorage.length > 0),
    );
    if (timed.size === 0) return [];
    const longestSeconds = Math.max(...[...timed.values()].flatMap((flow) => flow.timeOutOfStorage.map(({ seconds }) => seconds)));
    const tolerances = new Map([...timed].map(([hash, flow]) => [hash, flow.lateEntryToleranceSeconds]));
    // Once as far back as the longest limit, and once more for a node that was down meanwhile.
    const since = nowMilliseconds - 2 * (longestSeconds + Math.max(...tolerances.values())) * 1000;
    const rows = await database
      .selectFrom("events")
      .innerJoin("journeys", "journeys.journey_id", "events.journey_id")
      .select(["journeys.journey_id", "flow_document_hash"])
      .select(() => [sql<number>`max(record_time_milliseconds - event_time_milliseconds)`.as("latest_entry_milliseconds")])
      .where("event_time_milliseconds", ">=", since)
      .where("is_error_declaration", "=", false)
      .where("flow_document_hash", "in", [...timed.keys()])
      .groupBy(["journeys.journey_id", "flow_document_hash"])
      .execute();
    return rows.flatMap((row) => {
      const flow = timed.get(row.flow_document_hash);
      const isLive = Number(row.latest_entry_milliseconds) <= (tolerances.get(row.flow_document_hash) ?? 0) * 1000;
      return flow === undefined || !isLive ? [] : [{ journeyId: row.journey_id, flow }];
    });
  }

  async function sweep(nowMilliseconds = Date.now()): Promise<number> {
    let raised = 0;
    for (const journey of await journeysOut(nowMilliseconds))
      raised += await database.transaction().execute((transaction) => raiseOutOfStorage(transaction, journey, Math.floor(nowMilliseconds / 1000)));
    if (raised > 0) onOperation();
    return raised;
  }

  const loop = createWorkLoop({
    name: "the watch over time limits",
    async step() {
      await sweep();
      return "idle";
    },
    everyMilliseconds: sweepMilliseconds,
    restsFirst: true,
    logger,
  });
  loop.start();
  return { sweep, failure: loop.failure, close: loop.close };
}
