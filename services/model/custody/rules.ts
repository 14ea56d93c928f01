import type { ExceptionCode } from "./exceptions.ts";
import { gateNumber, stepNumber } from "./flow.ts";
import type { FlowDefinition, FlowStep } from "./flow.ts";
import type { Role } from "./roles.ts";

/** Clocks may differ by this much before a fact counts as dated in the future. */
export const CLOCK_SKEW_TOLERANCE_SECONDS = 300;

/** What the rules need to know of a journey; the twin of `CustodyLedger`'s storage. */
export interface JourneyState {
  custodian: string | null;
  handoverPending: boolean;
  releasedAt: number;
  /** Step number → Unix seconds of its first recording. */
  recordedSteps: ReadonlyMap<number, number>;
  releasedGates: ReadonlySet<number>;
}

export interface CustodyFact {
  /** Place in the flow; one outside it is an unplanned step. */
  step: number;
  participant: string;
  roles: readonly Role[];
  /** Unix seconds. */
  occurredAt: number;
  /** Unix seconds of the block. */
  recordedAt: number;
}

export const newJourneyState: JourneyState = {
  custodian: null,
  handoverPending: false,
  releasedAt: 0,
  recordedSteps: new Map(),
  releasedGates: new Set(),
};

/**
 * Applies one fact: it is always recorded; `exceptions` names what it breaks, in the order the ledger raises them.
 * Twin of `CustodyLedger.record`, held to it by a parity test.
 */
export function recordFact(
  flow: FlowDefinition,
  state: JourneyState,
  fact: CustodyFact,
): { state: JourneyState; exceptions: ExceptionCode[] } {
  const step = flow.steps[fact.step];
  const exceptions: ExceptionCode[] = [];
  if (step === undefined) {
    exceptions.push("step-out-of-order", ...timeliness(flow, fact));
    return { state, exceptions };
  }
  if (!step.roles.some((role) => fact.roles.includes(role))) exceptions.push("actor-not-authorised");
  if (isOutOfOrder(flow, state, step, fact)) exceptions.push("step-out-of-order");
  if (isTooLate(flow, state, step, fact)) exceptions.push("time-limit-exceeded");
  const custody = applyCustody(flow, state, step, fact);
  if (custody.gap) exceptions.push("custody-gap");
  exceptions.push(...timeliness(flow, fact));
  const recordedSteps = state.recordedSteps.has(fact.step)
    ? state.recordedSteps
    : new Map(state.recordedSteps).set(fact.step, fact.occurredAt);
  return { state: { ...state, ...custody.change, recordedSteps }, exceptions };
}

function isOutOfOrder(flow: FlowDefinition, state: JourneyState, step: FlowStep, fact: CustodyFact): boolean {
  const missing = step.after.some((other) => !state.recordedSteps.has(stepNumber(flow, other)));
  const repeated = state.recordedSteps.has(fact.step) && !step.repeatable;
  const gateClosed = step.requiredGate !== undefined && !state.releasedGates.has(gateNumber(flow, step.requiredGate));
  const beforeAnchor = step.within.some((limit) => {
    const anchor = state.recordedSteps.get(stepNumber(flow, limit.of));
    return anchor !== undefined && fact.occurredAt < anchor;
  });
  return missing || repeated || gateClosed || beforeAnchor;
}

function isTooLate(flow: FlowDefinition, state: JourneyState, step: FlowStep, fact: CustodyFact): boolean {
  return step.within.some((limit) => {
    const anchor = state.recordedSteps.get(stepNumber(flow, limit.of));
    return anchor !== undefined && fact.occurredAt > anchor + limit.seconds;
  });
}

function applyCustody(
  flow: FlowDefinition,
  state: JourneyState,
  step: FlowStep,
  fact: CustodyFact,
): { gap: boolean; change: Partial<JourneyState> } {
  const isCustodian = state.custodian === fact.participant;
  switch (step.custody) {
    case "none":
      return { gap: false, change: {} };
    case "take":
      return { gap: state.custodian !== null, change: { custodian: fact.participant } };
    case "hold":
      return { gap: !isCustodian, change: {} };
    case "release":
      return {
        gap: !isCustodian || state.handoverPending,
        change: { handoverPending: true, releasedAt: fact.occurredAt },
      };
    case "accept": {
      const inTime =
        fact.occurredAt >= state.releasedAt && fact.occurredAt <= state.releasedAt + flow.handoverToleranceSeconds;
      return {
        gap: !state.handoverPending || !inTime,
        change: { custodian: fact.participant, handoverPending: false },
      };
    }
  }
}

function timeliness(flow: FlowDefinition, fact: CustodyFact): ExceptionCode[] {
  if (fact.recordedAt > fact.occurredAt + flow.lateEntryToleranceSeconds) return ["late-entry"];
  if (fact.occurredAt > fact.recordedAt + CLOCK_SKEW_TOLERANCE_SECONDS) return ["clock-skew"];
  return [];
}
