import type { Kysely } from "kysely";
import type { z } from "zod";
import { EXCEPTION_CATALOGUE, EXCEPTION_CLASSES, catalogueEntry } from "../../model/custody/index.ts";
import type { ExceptionClass, Role } from "../../model/custody/index.ts";
import { UNKNOWN_CODE_ENTRY } from "../../model/custody/exception-catalogue.ts";
import { EXCEPTION_STAGES } from "../../model/custody/exception-lifecycle.ts";
import type { ExceptionStage } from "../../model/custody/exception-lifecycle.ts";
import type { Database } from "../../store/schema.ts";
import type { Caller } from "../http/caller.ts";
import type { workItemSchema } from "../schemas/exceptions.ts";
import { pageOf } from "../schemas/paging.ts";
import { rfc3339 } from "../schemas/common.ts";
import { UNANSWERED_STAGES, isOverdue, stageAt } from "./exception-progress.ts";
import { isVisible } from "./visible.ts";

export interface WorkFilter {
  stage?: ExceptionStage | undefined;
  class?: ExceptionClass | undefined;
  owner?: Role | undefined;
  overdue?: boolean | undefined;
}

const CODES = Object.keys(EXCEPTION_CATALOGUE);
const UNANSWERED = UNANSWERED_STAGES.map((stage) => EXCEPTION_STAGES.indexOf(stage));

/** Exceptions of the journeys a caller may see, the soonest due first, at `now` (Unix seconds). */
export async function listWork(
  database: Kysely<Database>,
  caller: Caller,
  wanted: WorkFilter,
  page: { perPage: number; nextPageToken: number },
  now: number,
) {
  let query = database
    .selectFrom("chain_exceptions")
    .innerJoin("journeys", "journeys.journey_id", "chain_exceptions.journey_id")
    .select(["chain_exceptions.journey_id as journeyId", "number", "stage", "code", "class", "occurred_at", "raised_at", "due_at"])
    .where(isVisible<"journeys">(database, caller, "journeys.journey_id") as never);
  if (wanted.stage !== undefined) query = query.where("stage", "=", EXCEPTION_STAGES.indexOf(wanted.stage));
  if (wanted.class !== undefined) query = query.where("class", "=", EXCEPTION_CLASSES.indexOf(wanted.class));
  if (wanted.owner !== undefined) {
    const { owner } = wanted;
    const owned = CODES.filter((code) => catalogueEntry(code).owners.includes(owner));
    const ownsUnknown = UNKNOWN_CODE_ENTRY.owners.includes(owner);
    query = query.where((where) =>
      where.or([
        owned.length === 0 ? where.lit(false) : where("code", "in", owned),
        ownsUnknown ? where("code", "not in", CODES) : where.lit(false),
      ]),
    );
  }
  if (wanted.overdue === true) query = query.where("due_at", "<", now).where("stage", "in", UNANSWERED);
  if (wanted.overdue === false)
    query = query.where((where) => where.or([where("due_at", ">=", now), where("stage", "not in", UNANSWERED)]));
  const rows = await query
    .orderBy("due_at")
    .orderBy("chain_exceptions.journey_id")
    .orderBy("number")
    .offset(page.nextPageToken)
    .limit(page.perPage + 1)
    .execute();
  const { entries, next } = pageOf(rows, page);
  const items = entries.map((row): z.output<typeof workItemSchema> => {
    const stage = stageAt(row.stage);
    const { title, owners } = catalogueEntry(row.code);
    return {
      journeyId: row.journeyId,
      number: row.number,
      stage,
      code: row.code,
      title,
      class: EXCEPTION_CLASSES[row.class] ?? "critical",
      owners: [...owners],
      at: rfc3339(row.occurred_at),
      raisedAt: rfc3339(row.raised_at),
      dueAt: rfc3339(row.due_at),
      overdue: isOverdue(stage, row.due_at, now),
    };
  });
  return { entries: items, next };
}
