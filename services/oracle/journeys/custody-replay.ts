import type { Kysely } from "kysely";
import { bitmapToRoles, CLOCK_SKEW_TOLERANCE_SECONDS, gateNumber, newJourneyState, recordFact, stepNumber } from "../../model/custody/index.ts";
import type { CustodyFact, ExceptionCode, FlowDefinition, FlowStep, JourneyState } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import type { Journey } from "./visible.ts";

export interface Observation {
  observed: unknown;
  limit: unknown;
  unit: string;
  message: string;
}

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
    .select(["sequence", "commitment", "step", "occurred_at", "recorded_at", "head", "chain_participants.participant_id as participantId", "chain_participants.roles as roles", "participants.name as name"])
    .where("journey_id", "=", journey.journey_id)
    .orderBy("sequence")
    .execute();
  const releases = await database.selectFrom("chain_releases").select(["gate", "released_at"]).where("journey_id", "=", journey.journey_id).execute();
  const names = new Map(rows.map((row) => [row.participantId ?? "", row.name ?? row.participantId ?? "an unknown participant"]));
  let state = newJourneyState;
  return rows.map((row) => {
    const fact: CustodyFact = {
      step: row.step,
      participant: row.participantId ?? "",
      roles: bitmapToRoles(row.roles ?? 0),
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
    };
    state = { ...state, releasedGates: new Set(releases.filter((release) => release.released_at <= row.recorded_at).map((release) => release.gate)) };
    const before = state;
    const result = recordFact(journey.flow, before, fact);
    state = result.state;
    const observe = (code: ExceptionCode): [ExceptionCode, Observation] => [code, observation(journey.flow, before, fact, code, names)];
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

function observation(flow: FlowDefinition, state: JourneyState, fact: CustodyFact, code: ExceptionCode, names: ReadonlyMap<string, string>): Observation {
  const step = flow.steps[fact.step];
  const name = (participant: string | null) => (participant === null ? "none" : (names.get(participant) ?? participant));
  if (code === "late-entry") {
    const observed = fact.recordedAt - fact.occurredAt;
    return { observed, limit: flow.lateEntryToleranceSeconds, unit: "seconds", message: `Recorded ${observed} s after it occurred.` };
  }
  if (code === "clock-skew") {
    const observed = fact.occurredAt - fact.recordedAt;
    return { observed, limit: CLOCK_SKEW_TOLERANCE_SECONDS, unit: "seconds", message: `Dated ${observed} s in the future.` };
  }
  if (step === undefined)
    return { observed: "unplanned step", limit: flow.steps.map((planned) => planned.step).join(", "), unit: "step", message: "The event names no step of the flow." };
  switch (code) {
    case "time-limit-exceeded":
      return timeLimit(flow, state, fact, step);
    case "actor-not-authorised":
      return { observed: fact.roles.join(", "), limit: step.roles.join(", "), unit: "role", message: `${name(fact.participant)} may not do "${step.step}".` };
    case "custody-gap":
      return custodyGap(flow, state, fact, step, name);
    default:
      return outOfOrder(flow, state, fact, step);
  }
}

function timeLimit(flow: FlowDefinition, state: JourneyState, fact: CustodyFact, step: FlowStep): Observation {
  for (const limit of step.within) {
    const anchor = state.recordedSteps.get(stepNumber(flow, limit.of));
    if (anchor === undefined || fact.occurredAt <= anchor + limit.seconds) continue;
    const observed = fact.occurredAt - anchor;
    return { observed, limit: limit.seconds, unit: "seconds", message: `"${step.step}" came ${observed} s after "${limit.of}".` };
  }
  return { observed: null, limit: null, unit: "seconds", message: `"${step.step}" came too late.` };
}

function custodyGap(flow: FlowDefinition, state: JourneyState, fact: CustodyFact, step: FlowStep, name: (participant: string | null) => string): Observation {
  if (step.custody === "accept" && state.handoverPending) {
    const observed = fact.occurredAt - state.releasedAt;
    return { observed, limit: flow.handoverToleranceSeconds, unit: "seconds", message: `Accepted ${observed} s after custody was released.` };
  }
  const actor = name(fact.participant);
  const custodian = step.custody === "accept" ? "a hand-over released before" : step.custody === "take" ? "none" : name(state.custodian);
  return { observed: actor, limit: custodian, unit: "custodian", message: `${actor} acted at "${step.step}" without custody passing to it unbroken.` };
}

function outOfOrder(flow: FlowDefinition, state: JourneyState, fact: CustodyFact, step: FlowStep): Observation {
  const missing = step.after.filter((other) => !state.recordedSteps.has(stepNumber(flow, other)));
  const about = (limit: string, message: string): Observation => ({ observed: step.step, limit, unit: "step", message });
  if (missing.length > 0) return about(`after ${missing.join(", ")}`, `"${step.step}" was recorded before ${missing.join(", ")}.`);
  if (state.recordedSteps.has(fact.step) && !step.repeatable) return about("once", `"${step.step}" was recorded again.`);
  if (step.requiredGate !== undefined && !state.releasedGates.has(gateNumber(flow, step.requiredGate)))
    return about(`after gate ${step.requiredGate}`, `"${step.step}" was recorded before the gate "${step.requiredGate}" was released.`);
  return about("after what it is timed from", `"${step.step}" is dated before a step it follows.`);
}
