import type { Kysely } from "kysely";
import { bitmapToRoles, newJourneyState, recordFact } from "../../model/custody/index.ts";
import type { CustodyFact, ExceptionCode, FlowStep } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import { custodyObservation } from "./custody-observation.ts";
import type { Observation } from "./custody-observation.ts";
import type { Journey } from "./visible.ts";

export interface ReplayedEvent {
  sequence: number;
  /** Name of the step, or null when it is outside the flow. */
  step: FlowStep | null;
  participant: string;
  occurredAt: number;
  recordedAt: number;
  commitment: string;
  head: string;
  custodian: string | null;
  observations: Map<ExceptionCode, Observation>;
}

/** The recorded custody events of a journey, and what each broke, by the rules the ledger itself applied. */
export async function replayCustody(database: Kysely<Database>, journey: Journey): Promise<ReplayedEvent[]> {
  const rows = await database
    .selectFrom("chain_custody_events")
    .leftJoin("chain_participants", "chain_participants.participant_index", "chain_custody_events.participant_index")
    .leftJoin("participants", "participants.participant_id", "chain_participants.participant_id")
    .select([
      "sequence",
      "commitment",
      "step",
      "occurred_at",
      "recorded_at",
      "head",
      "chain_participants.participant_id as participantId",
      "chain_participants.roles as roles",
      "participants.name as name",
    ])
    .where("journey_id", "=", journey.journey_id)
    .orderBy("sequence")
    .execute();
  const releases = await database
    .selectFrom("chain_releases")
    .select(["gate", "released_at"])
    .where("journey_id", "=", journey.journey_id)
    .execute();
  const names = new Map(
    rows.map((row) => [row.participantId ?? "", row.name ?? row.participantId ?? "an unknown participant"]),
  );
  let state = newJourneyState;
  return rows.map((row) => {
    const fact: CustodyFact = {
      step: row.step,
      participant: row.participantId ?? "",
      roles: bitmapToRoles(row.roles ?? 0),
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
    };
    state = {
      ...state,
      releasedGates: new Set(
        releases.filter((release) => release.released_at <= row.recorded_at).map((release) => release.gate),
      ),
    };
    const before = state;
    const result = recordFact(journey.flow, before, fact);
    state = result.state;
    const observe = (code: ExceptionCode): [ExceptionCode, Observation] => [
      code,
      custodyObservation(journey.flow, before, fact, code, names),
    ];
    return {
      sequence: row.sequence,
      step: journey.flow.steps[row.step] ?? null,
      participant: fact.participant,
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
      commitment: row.commitment,
      head: row.head,
      custodian: state.custodian,
      observations: new Map(result.exceptions.map(observe)),
    };
  });
}
