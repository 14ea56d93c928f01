import type { Kysely } from "kysely";
import type { z } from "zod";
import { catalogueEntry, custodyExceptionKey, codeToBytes32, EXCEPTION_CLASSES } from "../../model/custody/index.ts";
import type { ExceptionClass, ExceptionCode } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import type { exceptionViewSchema } from "../schemas/exceptions.ts";
import { journeyCipher, sealedDetail } from "../../store/vault/index.ts";
import { rfc3339 } from "../schemas/common.ts";
import type { Observation } from "./custody-observation.ts";
import { replayCustody } from "./custody-replay.ts";
import { isOverdue, nextStages, stageAt, transitionsOf } from "./exception-progress.ts";
import type { Journey } from "./visible.ts";

/**
 * One exception as people read it: the ledger's record with the detail disclosed to this node. `number` is null and
 * `status` pending while the ledger has not recorded it.
 */
export type ExceptionView = z.output<typeof exceptionViewSchema>;

/** Every exception of a journey at `now` (Unix seconds), in the ledger's order, then those on their way to it. */
export async function exceptionsOf(database: Kysely<Database>, journey: Journey, now: number): Promise<ExceptionView[]> {
  const journeyId = journey.journey_id;
  const recorded = await database
    .selectFrom("chain_exceptions")
    .selectAll()
    .where("journey_id", "=", journeyId)
    .orderBy("number")
    .execute();
  const rows = await database
    .selectFrom("exception_details")
    .selectAll()
    .where("journey_id", "=", journeyId)
    .orderBy("created_at_milliseconds")
    .execute();
  const cipher = await journeyCipher(database, [journeyId]);
  const opened = (row: (typeof rows)[number]) =>
    disclosed(sealedDetail.open(cipher, journeyId, row.exception_key, row.sealed_detail));
  const details = new Map(rows.map((row) => [row.exception_key, row]));
  const observed = recorded.every((row) => details.has(row.exception_key))
    ? new Map<string, Observation>()
    : await custodyObservations(database, journey);
  const history = await transitionsOf(database, journeyId);
  const views = recorded.map((row): ExceptionView => {
    const detail = details.get(row.exception_key);
    const stage = stageAt(row.stage);
    return {
      number: row.number,
      status: row.outcome === null ? "open" : stageAt(row.outcome) === "accepted" ? "accepted" : "resolved",
      stage,
      next: nextStages(stage),
      ...catalogued(row.code),
      class: EXCEPTION_CLASSES[row.class] ?? "critical",
      dueAt: rfc3339(row.due_at),
      overdue: isOverdue(stage, row.due_at, now),
      history: history.get(row.number) ?? [],
      leg: legName(journey, row.leg),
      at: rfc3339(row.occurred_at),
      raisedAt: rfc3339(row.raised_at),
      ...(detail === undefined ? (observed.get(row.exception_key) ?? undisclosed) : opened(detail)),
    };
  });
  const onLedger = new Set(recorded.map((row) => row.exception_key));
  const pending = rows
    .filter((row) => !onLedger.has(row.exception_key))
    .map((row): ExceptionView => ({
      number: null,
      status: "pending",
      stage: "detected",
      next: [],
      ...catalogued(row.code),
      class: row.class as ExceptionClass,
      dueAt: null,
      overdue: false,
      history: [],
      leg: row.leg === null ? null : (journey.flow.legs[row.leg]?.leg ?? null),
      at: rfc3339(row.occurred_at),
      raisedAt: null,
      ...opened(row),
    }));
  return [...views, ...pending];
}

function catalogued(code: string) {
  const { title, owners, recalls } = catalogueEntry(code);
  return { code, title, owners: [...owners], recalls };
}

const undisclosed: Observation = {
  observed: null,
  limit: null,
  unit: "",
  message: "The detail was not disclosed to this node.",
};

const erased: Observation = { ...undisclosed, message: "The detail was erased." };

function disclosed(content: ReturnType<typeof sealedDetail.open>): Observation {
  if (content === null) return erased;
  const { observed, limit, unit } = content;
  const detail = JSON.parse(content.detail) as { message?: string };
  return { observed, limit, unit, message: detail.message ?? "" };
}

/** The ledger numbers a leg from 1, zero being none. */
function legName(journey: Journey, leg: number): string | null {
  return leg === 0 ? null : (journey.flow.legs[leg - 1]?.leg ?? `leg ${leg - 1}`);
}

/** What the custody ledger's own rules observed, by exception key: the ledger says only which rule was broken. */
async function custodyObservations(database: Kysely<Database>, journey: Journey): Promise<Map<string, Observation>> {
  const observations = new Map<string, Observation>();
  for (const entry of await replayCustody(database, journey))
    for (const [code, observation] of entry.observations)
      observations.set(exceptionKeyOf(journey.journey_id, entry.sequence, code), observation);
  return observations;
}

function exceptionKeyOf(journeyId: string, sequence: number, code: ExceptionCode): string {
  return custodyExceptionKey(journeyId, sequence, codeToBytes32(code));
}
