import type { Kysely, Selectable } from "kysely";
import { deviceIdOf, profileOfLeg } from "../../model/custody/index.ts";
import { timeUnitSeconds } from "../../model/condition/index.ts";
import type { Database } from "../../store/schema.ts";
import { rfc3339 } from "../schemas/common.ts";
import type { Journey } from "./visible.ts";

/** Chain of condition: each leg's device and coverage on the ledger, and every segment known with its proof's state. */
export async function proofsOf(database: Kysely<Database>, journey: Journey) {
  const ofJourney = <Row extends { where: (column: "journey_id", operator: "=", value: string) => Row }>(query: Row) =>
    query.where("journey_id", "=", journey.journey_id);
  const assigned = await ofJourney(database.selectFrom("leg_assignments").selectAll()).execute();
  const assignedOnLedger = await ofJourney(database.selectFrom("chain_assignments").selectAll()).execute();
  const proven = await ofJourney(database.selectFrom("chain_segments").selectAll())
    .orderBy("leg")
    .orderBy("number")
    .execute();
  const accepted = await ofJourney(database.selectFrom("chain_interval_acceptances").selectAll()).orderBy("number").execute();
  const sealed = await ofJourney(database.selectFrom("segments").selectAll())
    .orderBy("leg")
    .orderBy("from_tick")
    .execute();
  const refusals = await refusedSegments(database, journey.journey_id);
  const onLedger = new Map(proven.map((row) => [row.readings_commitment, row]));
  const legs = journey.flow.legs.map((leg, number) => {
    const assignment = assigned.find((row) => row.leg === number);
    const recorded = assignedOnLedger.find((row) => row.leg === number);
    const covered = proven.filter((row) => row.leg === number);
    const unproven = accepted.filter((row) => row.leg === number);
    const pieces = [...covered, ...unproven].sort((left, right) => left.from_seconds - right.from_seconds || left.to_seconds - right.to_seconds);
    const [first, last] = [pieces[0], pieces.at(-1)];
    return {
      leg: leg.leg,
      from: leg.from,
      to: leg.to,
      profile: leg.profile,
      device: assignment?.giai ?? null,
      assignedFrom: assignment === undefined ? null : rfc3339(assignment.assigned_from),
      assignmentRecorded: assignment !== undefined && recorded?.device_id === deviceIdOf(assignment.giai),
      coverage:
        first === undefined || last === undefined
          ? null
          : { from: rfc3339(first.from_seconds), to: rfc3339(last.to_seconds), segments: covered.length },
      /** Accepted without proof, under an accepted exception. */
      acceptedIntervals: unproven.map((row) => ({
        from: rfc3339(row.from_seconds),
        to: rfc3339(row.to_seconds),
        exceptionNumber: row.exception_number,
      })),
    };
  });
  return { legs, segments: sealed.map((row) => segmentView(journey, row, onLedger.get(row.readings_commitment), refusals.get(row.readings_commitment))) };
}

/** Why the ledger refused a proven segment (its device was not fit, for one), by the commitment to its readings. */
async function refusedSegments(database: Kysely<Database>, journeyId: string): Promise<Map<string, string>> {
  const rows = await database
    .selectFrom("ledger_operations")
    .select(["payload", "error"])
    .where("journey_id", "=", journeyId)
    .where("kind", "=", "submit-segment")
    .where("status", "=", "refused")
    .execute();
  return new Map(
    rows.map((row) => [
      (JSON.parse(row.payload) as { readingsCommitment: string }).readingsCommitment,
      row.error ?? "the ledger refused its proof",
    ]),
  );
}

function segmentView(
  journey: Journey,
  row: Selectable<Database["segments"]>,
  recorded: Selectable<Database["chain_segments"]> | undefined,
  refusal: string | undefined,
) {
  const isRefused = recorded === undefined && refusal !== undefined;
  const leg = journey.flow.legs[row.leg];
  const unit = leg === undefined ? 1 : timeUnitSeconds(profileOfLeg(journey.flow, leg).longestGapSeconds);
  return {
    leg: leg?.leg ?? `leg ${row.leg}`,
    giai: row.giai,
    from: rfc3339(row.from_tick * unit),
    to: rfc3339(row.to_tick * unit),
    status: isRefused ? "refused" : row.status,
    reason: isRefused ? refusal : row.reason,
    readingsCommitment: row.readings_commitment,
    provingSeconds: row.proving_seconds,
    ledger:
      recorded === undefined
        ? null
        : {
            number: recorded.number,
            stateBefore: recorded.state_before,
            stateAfter: recorded.state_after,
            blockNumber: recorded.block_number,
            transactionHash: recorded.transaction_hash,
          },
  };
}
