import type { Kysely } from "kysely";
import { custodyExceptionKey, codeToBytes32, EXCEPTION_CLASSES } from "../../model/custody/index.ts";
import type { ExceptionClass, ExceptionCode } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import { journeyCipher, sealedDetail } from "../../store/vault/index.ts";
import { rfc3339 } from "../routes/schemas.ts";
import type { Observation } from "./custody-observation.ts";
import { replayCustody } from "./custody-replay.ts";
import type { Journey } from "./visible.ts";

/** One exception as people read it: the ledger's record with the detail disclosed to this node. */
export interface ExceptionView {
  /** Number on the ledger; null while the ledger has not recorded it. */
  number: number | null;
  status: "pending" | "open" | "resolved";
  code: string;
  class: ExceptionClass;
  leg: string | null;
  at: string;
  raisedAt: string | null;
  observed: unknown;
  limit: unknown;
  unit: string;
  message: string;
  justificationHash: string | null;
}

/** Every exception of a journey, in the ledger's order, then those on their way to it. */
export async function exceptionsOf(database: Kysely<Database>, journey: Journey): Promise<ExceptionView[]> {
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
  const views = recorded.map((row): ExceptionView => {
    const detail = details.get(row.exception_key);
    return {
      number: row.number,
      status: row.resolved_by === null ? "open" : "resolved",
      code: row.code,
      class: EXCEPTION_CLASSES[row.class] ?? "critical",
      leg: legName(journey, row.leg),
      at: rfc3339(row.occurred_at),
      raisedAt: rfc3339(row.raised_at),
      ...(detail === undefined ? (observed.get(row.exception_key) ?? undisclosed) : opened(detail)),
      justificationHash: row.justification_hash,
    };
  });
  const onLedger = new Set(recorded.map((row) => row.exception_key));
  const pending = rows
    .filter((row) => !onLedger.has(row.exception_key))
    .map((row): ExceptionView => ({
      number: null,
      status: "pending",
      code: row.code,
      class: row.class as ExceptionClass,
      leg: row.leg === null ? null : (journey.flow.legs[row.leg]?.leg ?? null),
      at: rfc3339(row.occurred_at),
      raisedAt: null,
      ...opened(row),
      justificationHash: null,
    }));
  return [...views, ...pending];
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
