import type { Role } from "./roles.ts";

/** Stages of an exception; the place in this list is the number in `IExceptionRegister.Stage`. */
export const EXCEPTION_STAGES = [
  "detected",
  "classified",
  "under-assessment",
  "deviation-opened",
  "investigated",
  "corrective-action",
  "resolution-proposed",
  "acceptance-proposed",
  "resolved",
  "accepted",
  "escalated",
  "closed",
] as const;

export type ExceptionStage = (typeof EXCEPTION_STAGES)[number];

/**
 * Which stages may follow each. An escalated exception cannot be closed: it goes back under assessment or to a proposal,
 * so that the only way out leads through a proposal and its approval. The twin of `ExceptionLifecycle.sol`.
 */
export const EXCEPTION_TRANSITIONS: Readonly<Record<ExceptionStage, readonly ExceptionStage[]>> = {
  detected: ["classified"],
  classified: ["under-assessment"],
  "under-assessment": ["deviation-opened", "resolution-proposed", "acceptance-proposed", "escalated"],
  "deviation-opened": ["investigated", "escalated"],
  investigated: ["corrective-action", "resolution-proposed", "acceptance-proposed", "escalated"],
  "corrective-action": ["resolution-proposed", "acceptance-proposed", "escalated"],
  "resolution-proposed": ["under-assessment", "resolved", "escalated"],
  "acceptance-proposed": ["under-assessment", "accepted", "escalated"],
  resolved: ["closed"],
  accepted: ["closed"],
  escalated: ["under-assessment", "resolution-proposed", "acceptance-proposed"],
  closed: [],
};

/** May walk an exception to a proposal, and close one that was approved. */
export const REVIEWER_DUTIES: readonly Role[] = ["qualified-person", "quality-assurance"];

/** May decide on a proposal, with another account than the proposer's. */
export const APPROVER_DUTIES: readonly Role[] = ["qualified-person"];

/** Where an exception stands; the part of the ledger's record that moves. */
export interface ExceptionState {
  stage: ExceptionStage;
  /** How it was approved, also after it was closed. */
  outcome: "resolved" | "accepted" | null;
  /** Account of the last proposal. */
  proposer: string | null;
}

export const newExceptionState: ExceptionState = { stage: "detected", outcome: null, proposer: null };

export interface ExceptionTransition {
  to: ExceptionStage;
  /** Account that signed. */
  signer: string;
  /** Duties of the signer's participant at that time. */
  roles: readonly Role[];
}

export type TransitionRefusal = "illegal-transition" | "not-authorised" | "same-person";

/** Why the ledger would refuse a transition, in the order it asks; null when it would not. */
export function transitionRefusal(state: ExceptionState, { to, signer, roles }: ExceptionTransition): TransitionRefusal | null {
  if (!EXCEPTION_TRANSITIONS[state.stage].includes(to)) return "illegal-transition";
  if (!dutiesFrom(state.stage).some((duty) => roles.includes(duty))) return "not-authorised";
  const proposer = isProposal(state.stage) ? state.proposer : null;
  return proposer?.toLowerCase() === signer.toLowerCase() ? "same-person" : null;
}

/** The state after a transition that is not refused. */
export function advanceException(state: ExceptionState, { to, signer }: Omit<ExceptionTransition, "roles">): ExceptionState {
  return {
    stage: to,
    outcome: to === "resolved" || to === "accepted" ? to : state.outcome,
    proposer: isProposal(to) ? signer : state.proposer,
  };
}

/** Duties of which the signer of a transition from this stage needs one. */
export function dutiesFrom(stage: ExceptionStage): readonly Role[] {
  return isProposal(stage) ? APPROVER_DUTIES : REVIEWER_DUTIES;
}

export function isProposal(stage: ExceptionStage): boolean {
  return stage === "resolution-proposed" || stage === "acceptance-proposed";
}
