import type { Role } from "./roles.ts";

/** Decisions on a batch; the place in this list is the number in `IDispositionRegister.Decision`. */
export const DISPOSITION_DECISIONS = [
  "none",
  "accepted",
  "conditionally-accepted",
  "on-hold",
  "rejected",
  "rework",
  "oos-exceptional-release",
] as const;

export type DispositionDecision = (typeof DISPOSITION_DECISIONS)[number];

/** Where the way of an out-of-specification batch stands; the place is the number in `IDispositionRegister.Stage`. */
export const EXCEPTIONAL_RELEASE_STAGES = [
  "none",
  "requested",
  "evaluated",
  "confirmed",
  "released",
  "authority-notified",
  "authority-acknowledged",
] as const;

export type ExceptionalReleaseStage = (typeof EXCEPTIONAL_RELEASE_STAGES)[number];

/** Steps of that way beside the release itself; the place is the number in `IDispositionRegister.Step`. */
export const EXCEPTIONAL_RELEASE_STEPS = [
  "request",
  "risk-evaluation",
  "confirmation",
  "withdrawal",
  "authority-notification",
  "authority-acknowledgement",
] as const;

export type ExceptionalReleaseStep = (typeof EXCEPTIONAL_RELEASE_STEPS)[number];

/**
 * Which decision may follow which. Beside the table: an out-of-specification way that was begun allows neither
 * acceptance (EU GMP Part IV § 11.5: such a batch is not certified), the exceptional release needs the physician's
 * confirmation, and rework ends a way that was begun but is refused once the batch was released by it.
 */
export const DISPOSITION_TRANSITIONS: Readonly<Record<DispositionDecision, readonly DispositionDecision[]>> = {
  none: ["accepted", "conditionally-accepted", "on-hold", "rejected", "rework", "oos-exceptional-release"],
  accepted: ["on-hold", "rejected"],
  "conditionally-accepted": ["accepted", "on-hold", "rejected", "rework"],
  "on-hold": ["accepted", "conditionally-accepted", "rejected", "rework", "oos-exceptional-release"],
  rejected: ["rework"],
  rework: ["accepted", "conditionally-accepted", "on-hold", "rejected", "oos-exceptional-release"],
  "oos-exceptional-release": ["on-hold", "rejected"],
};

/** Decisions after which the batch may go on: a qualified person's judgement of what was recalled before. */
const LETTING_GO: readonly DispositionDecision[] = ["accepted", "conditionally-accepted", "oos-exceptional-release"];
const HOLDING: readonly DispositionDecision[] = ["on-hold", "rejected", "rework"];

const STEP_TAKERS: Readonly<Record<ExceptionalReleaseStep, readonly Role[]>> = {
  request: ["treatment-centre"],
  "risk-evaluation": ["manufacturing-site", "qualified-person"],
  confirmation: ["treatment-centre"],
  withdrawal: ["treatment-centre"],
  "authority-notification": ["manufacturing-site"],
  "authority-acknowledgement": ["regulator"],
};

const STAGE_AFTER: Readonly<Record<ExceptionalReleaseStep, ExceptionalReleaseStage>> = {
  request: "requested",
  "risk-evaluation": "evaluated",
  confirmation: "confirmed",
  withdrawal: "none",
  "authority-notification": "authority-notified",
  "authority-acknowledgement": "authority-acknowledged",
};

/** A journey's disposition; the twin of `IDispositionRegister.Disposition`. */
export interface DispositionState {
  decision: DispositionDecision;
  stage: ExceptionalReleaseStage;
  /** Participant whose physician asked for the exceptional release. */
  requester: string | null;
  /** Decisions and steps so far. */
  entries: number;
  /** Recalls raised so far. */
  recalls: number;
  /** Recalls that a qualified person's decision has judged. */
  recallsJudged: number;
  /** Unix seconds of the first exceptional release: the authority's clock runs from here. */
  exceptionalReleaseAt: number | null;
  authorityNotifiedAt: number | null;
}

export const noDisposition: DispositionState = {
  decision: "none",
  stage: "none",
  requester: null,
  entries: 0,
  recalls: 0,
  recallsJudged: 0,
  exceptionalReleaseAt: null,
  authorityNotifiedAt: null,
};

export interface Actor {
  participant: string;
  roles: readonly Role[];
}

/** Why an act is refused, in the order in which the ledger looks. */
export type DispositionRefusal =
  | "not-authorised"
  | "illegal-transition"
  | "out-of-order"
  | "not-requester"
  | "not-provided-for";

export type DispositionOutcome = { state: DispositionState } | { refusal: DispositionRefusal };

/** The number that the next decision or step carries: what its signer has seen. */
export function nextDispositionNumber({ entries, recalls }: DispositionState): number {
  return entries + recalls;
}

/** Duties that decide so: a hold is open to whoever watches over quality, all else is the qualified person's. */
export function decidersOf(decision: DispositionDecision): readonly Role[] {
  return decision === "on-hold" ? ["qualified-person", "quality-assurance", "regulator"] : ["qualified-person"];
}

export function takersOf(step: ExceptionalReleaseStep): readonly Role[] {
  return STEP_TAKERS[step];
}

/** Twin of `DispositionRegister.decide` for a signature that is one. `at`: Unix seconds of the block. */
export function decideDisposition(
  state: DispositionState,
  decision: DispositionDecision,
  actor: Actor,
  at: number,
): DispositionOutcome {
  if (!decidersOf(decision).some((role) => actor.roles.includes(role))) return { refusal: "not-authorised" };
  if (!DISPOSITION_TRANSITIONS[state.decision].includes(decision)) return { refusal: "illegal-transition" };
  if (!suitsStage(decision, state.stage)) return { refusal: "out-of-order" };
  const releases = decision === "oos-exceptional-release" && state.stage === "confirmed";
  return {
    state: {
      ...state,
      decision,
      entries: state.entries + 1,
      ...(releases ? { stage: "released", exceptionalReleaseAt: at } : {}),
      ...(decision === "rework" ? { stage: "none", requester: null } : {}),
      ...(LETTING_GO.includes(decision) ? { recallsJudged: state.recalls } : {}),
    },
  };
}

/** Twin of `DispositionRegister.takeStep`. `notificationSeconds`: the flow's period to notify the authority in. */
export function takeExceptionalReleaseStep(
  state: DispositionState,
  step: ExceptionalReleaseStep,
  actor: Actor,
  at: number,
  notificationSeconds: number,
): DispositionOutcome {
  if (!takersOf(step).some((role) => actor.roles.includes(role))) return { refusal: "not-authorised" };
  if (!isInOrder(step, state)) return { refusal: "out-of-order" };
  const isRequesters = step === "confirmation" || step === "withdrawal";
  if (isRequesters && actor.participant !== state.requester) return { refusal: "not-requester" };
  if (step === "request" && notificationSeconds === 0) return { refusal: "not-provided-for" };
  return {
    state: {
      ...state,
      stage: STAGE_AFTER[step],
      entries: state.entries + 1,
      ...(step === "request" ? { requester: actor.participant } : {}),
      ...(step === "withdrawal" ? { requester: null } : {}),
      ...(step === "authority-notification" ? { authorityNotifiedAt: at } : {}),
    },
  };
}

/** What the disposition says of a gate: null for no check. Twin of `DispositionRegister.releaseChecks`. */
export function dispositionCheck(
  state: DispositionState,
  gate: { waivedByExceptionalRelease: boolean },
): "pending" | "compliant" | "not-compliant" | "completed" | null {
  const recalled = state.recalls !== state.recallsJudged;
  if (!recalled && state.decision === "none" && state.stage === "none") return null;
  const isClosed = state.stage !== "none" && gate.waivedByExceptionalRelease;
  if (recalled || isClosed || HOLDING.includes(state.decision)) return "not-compliant";
  if (state.decision === "oos-exceptional-release") return "completed";
  return state.decision === "none" ? "pending" : "compliant";
}

/** When the authority must have been notified, Unix seconds; null before an exceptional release. */
export function authorityNotificationDueAt(state: DispositionState, notificationSeconds: number): number | null {
  return state.exceptionalReleaseAt === null ? null : state.exceptionalReleaseAt + notificationSeconds;
}

function suitsStage(decision: DispositionDecision, stage: ExceptionalReleaseStage): boolean {
  const place = EXCEPTIONAL_RELEASE_STAGES.indexOf(stage);
  if (decision === "accepted" || decision === "conditionally-accepted") return stage === "none";
  if (decision === "oos-exceptional-release") return place >= EXCEPTIONAL_RELEASE_STAGES.indexOf("confirmed");
  if (decision === "rework") return place < EXCEPTIONAL_RELEASE_STAGES.indexOf("released");
  return true;
}

function isInOrder(step: ExceptionalReleaseStep, { stage, decision }: DispositionState): boolean {
  switch (step) {
    case "request":
      return stage === "none" && DISPOSITION_TRANSITIONS[decision].includes("oos-exceptional-release");
    case "risk-evaluation":
      return stage === "requested";
    case "confirmation":
      return stage === "evaluated";
    case "withdrawal":
      return stage === "requested" || stage === "evaluated" || stage === "confirmed";
    case "authority-notification":
      return stage === "released";
    case "authority-acknowledgement":
      return stage === "authority-notified";
  }
}
