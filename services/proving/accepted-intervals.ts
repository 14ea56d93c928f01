import type { Kysely, Transaction } from "kysely";
import type { Database } from "../store/schema.ts";
import type { LegRulesOf } from "./leg-rules.ts";

/** Where a leg's chain of segments starts anew, after intervals that a qualified person accepted without proof. */
export interface Restart {
  toTick: number;
  /** Accepted intervals of the leg so far. */
  count: number;
}

/** The leg's latest accepted interval on the ledger; undefined for none. */
export async function latestRestart(
  database: Kysely<Database> | Transaction<Database>,
  journeyId: string,
  leg: number,
  unitSeconds: number,
): Promise<Restart | undefined> {
  const last = await database
    .selectFrom("chain_interval_acceptances")
    .select(["number", "to_seconds"])
    .where("journey_id", "=", journeyId)
    .where("leg", "=", leg)
    .orderBy("number", "desc")
    .executeTakeFirst();
  return last === undefined ? undefined : { toTick: last.to_seconds / unitSeconds, count: last.number + 1 };
}

/**
 * Takes up again what had no proof only because of what was accepted since: segments from the end of the latest accepted
 * interval on. Each is judged anew once for every acceptance.
 */
export async function reopenAfterAcceptances(database: Kysely<Database>, rulesOf: LegRulesOf): Promise<void> {
  const legs = await database
    .selectFrom("segments")
    .innerJoin("chain_interval_acceptances as accepted", (join) =>
      join.onRef("accepted.journey_id", "=", "segments.journey_id").onRef("accepted.leg", "=", "segments.leg"),
    )
    .select(["segments.journey_id", "segments.leg"])
    .distinct()
    .where("segments.status", "=", "unprovable")
    .whereRef("accepted.number", ">=", "segments.after_acceptances")
    .execute();
  for (const { journey_id: journeyId, leg } of legs) {
    const { unitSeconds } = await rulesOf(journeyId, leg);
    await database.transaction().execute(async (transaction) => {
      const restart = await latestRestart(transaction, journeyId, leg, unitSeconds);
      if (restart === undefined) return;
      const unprovable = () =>
        transaction
          .updateTable("segments")
          .where("journey_id", "=", journeyId)
          .where("leg", "=", leg)
          .where("status", "=", "unprovable")
          .where("after_acceptances", "<", restart.count);
      await unprovable().set({ status: "sealed", reason: null }).where("from_tick", ">=", restart.toTick).execute();
      await unprovable().set({ after_acceptances: restart.count }).execute();
    });
  }
}
