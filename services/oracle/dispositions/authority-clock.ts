import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { DISPOSITION_DECISIONS, EXCEPTIONAL_RELEASE_STEPS } from "../../model/custody/index.ts";
import type { Failure } from "../../schedule/failure-record.ts";
import { createWorkLoop } from "../../schedule/work-loop.ts";
import { recordException } from "../../store/exception-details.ts";
import type { Database } from "../../store/schema.ts";
import { flowOf } from "../capture/load-facts.ts";

export interface AuthorityClock {
  /** Looks now; returns how many exceptions it recorded. */
  sweep(): Promise<number>;
  /** Why it does not get on; null while it does. */
  failure(): Failure | null;
  close(): Promise<void>;
}

interface Parts {
  database: Kysely<Database>;
  /** Unix seconds. */
  now: () => Promise<number>;
  logger: Logger;
  onOperation: () => void;
  /** How often it looks; default 5,000. */
  sweepMilliseconds?: number;
}

const EXCEPTIONAL_RELEASE = DISPOSITION_DECISIONS.indexOf("oos-exceptional-release");
const NOTIFICATION = EXCEPTIONAL_RELEASE_STEPS.indexOf("authority-notification");

/**
 * Raises `authority-notification-overdue` when the authority was not notified of an exceptional release within the time
 * the flow gives, also when it was notified too late while nobody looked. Its state is in the database only.
 */
export function createAuthorityClock(parts: Parts): AuthorityClock {
  const { database, logger } = parts;

  async function look(): Promise<number> {
    const now = await parts.now();
    const released = await database
      .selectFrom("chain_dispositions as released")
      .innerJoin("journeys", "journeys.journey_id", "released.journey_id")
      .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
      .leftJoin("chain_dispositions as notified", (join) =>
        join
          .onRef("notified.journey_id", "=", "released.journey_id")
          .on("notified.kind", "=", "step")
          .on("notified.value", "=", NOTIFICATION),
      )
      .leftJoin("exception_details as raised", (join) =>
        join.onRef("raised.journey_id", "=", "released.journey_id").on("raised.code", "=", "authority-notification-overdue"),
      )
      .select((select) => [
        "released.journey_id as journeyId",
        "flows.document_hash as documentHash",
        "flows.document as document",
        select.fn.min<number>("released.recorded_at").as("releasedAt"),
        select.fn.min<number | null>("notified.recorded_at").as("notifiedAt"),
      ])
      .where("released.kind", "=", "decision")
      .where("released.value", "=", EXCEPTIONAL_RELEASE)
      .where("raised.exception_key", "is", null)
      .groupBy(["released.journey_id", "flows.document_hash", "flows.document"])
      .execute();
    let recorded = 0;
    for (const row of released) {
      const limit = flowOf(row.documentHash, row.document).authorityNotificationSeconds;
      const releasedAt = Number(row.releasedAt);
      const elapsed = (row.notifiedAt === null ? now : Number(row.notifiedAt)) - releasedAt;
      if (elapsed > limit) recorded += await raise(row.journeyId, releasedAt, elapsed, limit);
    }
    if (recorded > 0) parts.onOperation();
    return recorded;
  }

  async function raise(journeyId: string, releasedAt: number, elapsed: number, limit: number): Promise<number> {
    const { isNew } = await database.transaction().execute((transaction) =>
      recordException(transaction, {
        journeyId,
        code: "authority-notification-overdue",
        leg: null,
        occurredAt: releasedAt + limit,
        observed: elapsed,
        limit,
        unit: "seconds",
        message: `the authority was not notified of the exceptional release within ${limit} s`,
        key: `released:${releasedAt}`,
      }),
    );
    return isNew ? 1 : 0;
  }

  const loop = createWorkLoop({
    name: "the authority's clock",
    async step() {
      await look();
      return "idle";
    },
    everyMilliseconds: parts.sweepMilliseconds ?? 5_000,
    restsFirst: true,
    logger,
  });
  loop.start();
  return { sweep: look, failure: loop.failure, close: loop.close };
}
