import {
  DISPOSITION_DECISIONS,
  EXCEPTIONAL_RELEASE_STEPS,
  decideDisposition,
  noDisposition,
  takeExceptionalReleaseStep,
} from "../model/custody/disposition.ts";
import type { DispositionOutcome, DispositionState } from "../model/custody/disposition.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import { bitmapToRoles } from "../model/custody/roles.ts";
import type { HistoryException } from "./history.ts";
import type {
  DispositionDecided,
  ExceptionalReleaseStepTaken,
  IntervalAccepted,
  LedgerEvent,
  RecallAcknowledged,
  RecallRaised,
} from "./ledger-events.ts";
import type { ParticipantState, RegistryState } from "./registry-state.ts";

/** A decision or a step of an exceptional release, with what the rules make of it. */
export interface HistoryDisposition {
  log: DispositionDecided | ExceptionalReleaseStepTaken;
  before: DispositionState;
  outcome: DispositionOutcome;
  /** Participant the signer was an active account of; null when it was none. */
  participant: ParticipantState | null;
  /** The journey's head at that moment. */
  head: string;
}

/** The exception that an acceptance names, as it stood at that moment. `leg`: its number + 1, zero for none. */
export interface AcceptedException {
  leg: number;
  code: string;
  occurredAt: number;
  isAccepted: boolean;
}

/** The exception of that number as it stands; null when there is none. */
export function exceptionNamed(exceptions: readonly HistoryException[], number: number): AcceptedException | null {
  const found = exceptions.find(({ log }) => log.number === number);
  if (found === undefined) return null;
  const { leg, code, occurredAt } = found.log;
  return { leg, code, occurredAt, isAccepted: found.state.outcome === "accepted" };
}

/** An interval accepted without proof, with the exception as it stood at that moment. */
export interface HistoryAcceptance {
  log: IntervalAccepted;
  participant: ParticipantState | null;
  /** The journey's steps recorded by then: step number → Unix seconds. */
  recordedSteps: ReadonlyMap<number, number>;
  exception: AcceptedException | null;
}

export interface DispositionHistory {
  entries: HistoryDisposition[];
  recalls: RecallRaised[];
  acknowledgements: { log: RecallAcknowledged; participant: ParticipantState | null }[];
  acceptances: HistoryAcceptance[];
  state: DispositionState;
}

export interface DispositionReplay {
  /** Takes a log that bears on the disposition; false for any other. */
  apply(event: LedgerEvent, journey: { head: string; recordedSteps: ReadonlyMap<number, number> }): boolean;
  state(): DispositionState;
  history(): DispositionHistory;
}

/** Replays what became of a batch. It judges nothing: it puts beside each log what it should have been. */
export function createDispositionReplay(
  flow: FlowDefinition,
  registry: RegistryState,
  exceptions: readonly HistoryException[],
): DispositionReplay {
  const entries: HistoryDisposition[] = [];
  const recalls: RecallRaised[] = [];
  const acknowledgements: DispositionHistory["acknowledgements"] = [];
  const acceptances: HistoryAcceptance[] = [];
  let state = noDisposition;

  function judged(log: HistoryDisposition["log"], participant: ParticipantState | null): DispositionOutcome {
    const actor = { participant: participant?.participantId ?? "", roles: bitmapToRoles(participant?.roles ?? 0) };
    if (log.name === "DispositionDecided") {
      const decision = DISPOSITION_DECISIONS[log.decision];
      return decision === undefined ? { refusal: "illegal-transition" } : decideDisposition(state, decision, actor, log.recordedAt);
    }
    const step = EXCEPTIONAL_RELEASE_STEPS[log.step];
    if (step === undefined) return { refusal: "out-of-order" };
    return takeExceptionalReleaseStep(state, step, actor, log.recordedAt, flow.authorityNotificationSeconds);
  }

  /** Going on from the recorded decision locates every later fault of its own. */
  function forced(log: HistoryDisposition["log"]): DispositionState {
    const decision = log.name === "DispositionDecided" ? DISPOSITION_DECISIONS[log.decision] : undefined;
    return { ...state, entries: state.entries + 1, ...(decision === undefined ? {} : { decision }) };
  }

  return {
    apply(event, { head, recordedSteps }) {
      switch (event.name) {
        case "DispositionDecided":
        case "ExceptionalReleaseStepTaken": {
          const participant = registry.activeSigner(event.signer);
          const outcome = judged(event, participant);
          entries.push({ log: event, before: state, outcome, participant, head });
          state = "state" in outcome ? outcome.state : forced(event);
          return true;
        }
        case "RecallRaised":
          recalls.push(event);
          state = { ...state, recalls: state.recalls + 1 };
          return true;
        case "RecallAcknowledged":
          acknowledgements.push({ log: event, participant: registry.activeSigner(event.signer) });
          return true;
        case "IntervalAccepted": {
          const exception = exceptionNamed(exceptions, event.exceptionNumber);
          acceptances.push({ log: event, participant: registry.activeSigner(event.signer), recordedSteps, exception });
          return true;
        }
        default:
          return false;
      }
    },
    state: () => state,
    history: () => ({ entries, recalls, acknowledgements, acceptances, state }),
  };
}
