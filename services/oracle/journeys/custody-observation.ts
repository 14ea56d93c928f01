import { CLOCK_SKEW_TOLERANCE_SECONDS, gateNumber, stepNumber } from "../../model/custody/index.ts";
import type { CustodyFact, ExceptionCode, FlowDefinition, FlowStep, JourneyState } from "../../model/custody/index.ts";

/** What was seen and what was allowed; times in seconds, else names. */
export interface Observation {
  observed: unknown;
  limit: unknown;
  unit: string;
  message: string;
}

/** What a fact broke of a custody rule, in numbers and words: the ledger itself says only which rule it was. */
export function custodyObservation(
  flow: FlowDefinition,
  state: JourneyState,
  fact: CustodyFact,
  code: ExceptionCode,
  names: ReadonlyMap<string, string>,
): Observation {
  const step = flow.steps[fact.step];
  const name = (participant: string | null) =>
    participant === null ? "none" : (names.get(participant) ?? participant);
  if (code === "late-entry") {
    const observed = fact.recordedAt - fact.occurredAt;
    return {
      observed,
      limit: flow.lateEntryToleranceSeconds,
      unit: "seconds",
      message: `Recorded ${observed} s after it occurred.`,
    };
  }
  if (code === "clock-skew") {
    const observed = fact.occurredAt - fact.recordedAt;
    return {
      observed,
      limit: CLOCK_SKEW_TOLERANCE_SECONDS,
      unit: "seconds",
      message: `Dated ${observed} s in the future.`,
    };
  }
  if (step === undefined)
    return {
      observed: "unplanned step",
      limit: flow.steps.map((planned) => planned.step).join(", "),
      unit: "step",
      message: "The event names no step of the flow.",
    };
  switch (code) {
    case "time-limit-exceeded":
      return timeLimit(flow, state, fact, step);
    case "actor-not-authorised":
      return {
        observed: fact.roles.join(", "),
        limit: step.roles.join(", "),
        unit: "role",
        message: `${name(fact.participant)} may not do "${step.step}".`,
      };
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
    return {
      observed,
      limit: limit.seconds,
      unit: "seconds",
      message: `"${step.step}" came ${observed} s after "${limit.of}".`,
    };
  }
  return { observed: null, limit: null, unit: "seconds", message: `"${step.step}" came too late.` };
}

function custodyGap(
  flow: FlowDefinition,
  state: JourneyState,
  fact: CustodyFact,
  step: FlowStep,
  name: (participant: string | null) => string,
): Observation {
  if (step.custody === "accept" && state.handoverPending) {
    const observed = fact.occurredAt - state.releasedAt;
    return {
      observed,
      limit: flow.handoverToleranceSeconds,
      unit: "seconds",
      message: `Accepted ${observed} s after custody was released.`,
    };
  }
  const actor = name(fact.participant);
  const custodian =
    step.custody === "accept"
      ? "a hand-over released before"
      : step.custody === "take"
        ? "none"
        : name(state.custodian);
  return {
    observed: actor,
    limit: custodian,
    unit: "custodian",
    message: `${actor} acted at "${step.step}" without custody passing to it unbroken.`,
  };
}

function outOfOrder(flow: FlowDefinition, state: JourneyState, fact: CustodyFact, step: FlowStep): Observation {
  const missing = step.after.filter((other) => !state.recordedSteps.has(stepNumber(flow, other)));
  const about = (limit: string, message: string): Observation => ({
    observed: step.step,
    limit,
    unit: "step",
    message,
  });
  if (missing.length > 0)
    return about(`after ${missing.join(", ")}`, `"${step.step}" was recorded before ${missing.join(", ")}.`);
  if (state.recordedSteps.has(fact.step) && !step.repeatable)
    return about("once", `"${step.step}" was recorded again.`);
  if (step.requiredGate !== undefined && !state.releasedGates.has(gateNumber(flow, step.requiredGate)))
    return about(
      `after gate ${step.requiredGate}`,
      `"${step.step}" was recorded before the gate "${step.requiredGate}" was released.`,
    );
  return about("after what it is timed from", `"${step.step}" is dated before a step it follows.`);
}
