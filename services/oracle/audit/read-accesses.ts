import type { Kysely } from "kysely";
import type { Database } from "../../store/schema.ts";
import { seesEveryJourney } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { participantNames } from "../journeys/status.ts";
import { isVisible } from "../journeys/visible.ts";
import { rfc3339FromMilliseconds } from "../schemas/common.ts";

/** What accesses are asked for; all of it must hold. Times are Unix seconds; `to` is left out. */
export interface AccessFilter {
  journeyId?: string | undefined;
  /** GLN. */
  participant?: string | undefined;
  operation?: string | undefined;
  outcome?: "shown" | "refused" | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Accesses a caller may know of, newest first; those of no journey are for oversight only. */
export async function readAccesses(
  database: Kysely<Database>,
  caller: Caller,
  { journeyId, participant, operation, outcome, from, to }: AccessFilter,
  page: { offset: number; limit: number },
) {
  const people = await participantNames(database);
  const wanted = [...people.values()].find(({ gln }) => gln === participant)?.participantId ?? "";
  let rows = database.selectFrom("accesses").selectAll();
  if (!seesEveryJourney(caller)) rows = rows.where("journey_id", "is not", null).where(isVisible<"accesses">(database, caller, "journey_id"));
  if (journeyId !== undefined) rows = rows.where("journey_id", "=", journeyId);
  if (participant !== undefined) rows = rows.where("participant_id", "=", wanted);
  if (operation !== undefined) rows = rows.where("operation_id", "=", operation);
  if (outcome !== undefined) rows = rows.where("is_refused", "=", outcome === "refused");
  if (from !== undefined) rows = rows.where("occurred_at_milliseconds", ">=", from * 1000);
  if (to !== undefined) rows = rows.where("occurred_at_milliseconds", "<", to * 1000);
  const found = await rows.orderBy("access_number", "desc").offset(page.offset).limit(page.limit).execute();
  return found.map((row) => ({
    number: row.access_number,
    at: rfc3339FromMilliseconds(row.occurred_at_milliseconds),
    by: {
      participantId: row.participant_id,
      gln: people.get(row.participant_id)?.gln ?? null,
      name: people.get(row.participant_id)?.name ?? null,
    },
    account: row.account,
    roles: row.roles.split(" ").filter((role) => role !== ""),
    operation: row.operation_id,
    journeyId: row.journey_id,
    outcome: row.is_refused ? ("refused" as const) : ("shown" as const),
    status: row.status,
    resources: row.resources,
    pseudonymShown: row.pseudonym_shown,
    hash: row.entry_hash,
  }));
}
