import type { Kysely } from "kysely";
import { CUSTODY_ACTIONS } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import { rfc3339 } from "../schemas/common.ts";
import { replayCustody } from "../journeys/custody-replay.ts";
import type { Journey } from "../journeys/visible.ts";

export interface RecallHolder {
  participantId: string;
  gln: string | null;
  name: string | null;
  /** Who has the material now, who had it, and who else took part in the journey. */
  holds: "now" | "before" | "took-part";
  /** How many recalls they acknowledged. */
  acknowledgedRecalls: number;
  acknowledgedAt: string | null;
}

const TAKING: readonly string[] = CUSTODY_ACTIONS.filter((action) => action === "take" || action === "accept");

/** Everyone a recall must reach: custodians past and present by the ledger, and every party of the journey. */
export async function recallHolders(database: Kysely<Database>, journey: Journey): Promise<RecallHolder[]> {
  const events = await replayCustody(database, journey);
  const custodian = events.at(-1)?.custodian ?? null;
  const before = new Set(
    events.filter((event) => event.step !== null && TAKING.includes(event.step.custody)).map((event) => event.participant),
  );
  const parties = await partiesOf(database, journey.journey_id);
  const all = new Set([...(custodian === null ? [] : [custodian]), ...before, ...events.map((event) => event.participant), ...parties]);
  all.delete("");
  const known = await database
    .selectFrom("participants")
    .select(["participant_id", "gln", "name"])
    .where("participant_id", "in", [...all, ""])
    .execute();
  const names = new Map(known.map((row) => [row.participant_id, row]));
  const acknowledged = await acknowledgements(database, journey.journey_id);
  const order: RecallHolder["holds"][] = ["now", "before", "took-part"];
  return [...all]
    .map((participantId): RecallHolder => {
      const acknowledgement = acknowledged.get(participantId);
      return {
        participantId,
        gln: names.get(participantId)?.gln ?? null,
        name: names.get(participantId)?.name ?? null,
        holds: participantId === custodian ? "now" : before.has(participantId) ? "before" : "took-part",
        acknowledgedRecalls: acknowledgement?.recalls ?? 0,
        acknowledgedAt: acknowledgement === undefined ? null : rfc3339(acknowledgement.recorded_at),
      };
    })
    .sort((left, right) => order.indexOf(left.holds) - order.indexOf(right.holds) || (left.gln ?? "").localeCompare(right.gln ?? ""));
}

/** Whoever opened the journey, captured or scanned in it, or measured a leg of it. */
async function partiesOf(database: Kysely<Database>, journeyId: string): Promise<string[]> {
  const rows = await database
    .selectFrom("journeys")
    .select("opened_by as participantId")
    .where("journey_id", "=", journeyId)
    .union(database.selectFrom("events").select("captured_by as participantId").where("journey_id", "=", journeyId))
    .union(database.selectFrom("scans").select("participant_id as participantId").where("journey_id", "=", journeyId))
    .union(
      database
        .selectFrom("leg_assignments")
        .innerJoin("devices", "devices.giai", "leg_assignments.giai")
        .select("owner_participant_id as participantId")
        .where("leg_assignments.journey_id", "=", journeyId),
    )
    .execute();
  return rows.flatMap((row) => (row.participantId === null ? [] : [row.participantId]));
}

async function acknowledgements(database: Kysely<Database>, journeyId: string) {
  const rows = await database
    .selectFrom("chain_recall_acknowledgements")
    .innerJoin("chain_participants", "chain_participants.participant_index", "chain_recall_acknowledgements.participant_index")
    .select(["participant_id", "recalls", "recorded_at"])
    .where("journey_id", "=", journeyId)
    .orderBy("recalls")
    .execute();
  return new Map(rows.map((row) => [row.participant_id, row]));
}
