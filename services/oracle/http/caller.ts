import type { Role } from "../../model/custody/index.ts";
import { rolesSee } from "../../model/privacy/views.ts";
import type { JourneyPart } from "../../model/privacy/views.ts";
import { mayTrace } from "../../model/privacy/retention.ts";

/** Who stands behind an API key. */
export type Caller = { kind: "operator" } | ParticipantCaller;

export interface ParticipantCaller {
  kind: "participant";
  participantId: string;
  gln: string;
  name: string;
  roles: readonly Role[];
  /** Account that signs for the caller: the person's behind the key, or the organisation's own integration. */
  account: string;
  /** Name of the person behind the key; null for the organisation's own integration. */
  person: string | null;
  /** Whose key this node does not keep, or may not use since the participant signs with own keys only. */
  signsItself: { account: boolean; integration: boolean };
  /** What the request proves the person anew with; a function, so that no log shows it. */
  signingSecret?: () => string | undefined;
}

/** Whether a caller reads what is kept of an erased subject for traceability alone; the operator has no such duty. */
export function tracesErased(caller: Caller): boolean {
  return caller.kind === "participant" && mayTrace(caller.roles);
}

/**
 * Whether a caller is told whose a journey is. As long as it is in use, its view says so; of one that was erased, whose
 * link the law keeps for traceability, those are told who trace.
 */
export function seesIdentity(caller: Caller, journey: { erased_at_milliseconds: number | null }): boolean {
  return journey.erased_at_milliseconds === null ? sees(caller, "identity") : tracesErased(caller);
}

/** Roles that see every journey: the authority, its auditors and those who review exceptions and decide on release. */
const OVERSIGHT: readonly Role[] = ["auditor", "regulator", "qualified-person", "quality-assurance"];

export function seesEveryJourney(caller: Caller): boolean {
  return caller.kind === "operator" || caller.roles.some((role) => OVERSIGHT.includes(role));
}

/** Whether a part of a journey is within the caller's view; who runs the node holds its keys and sees all of it. */
export function sees(caller: Caller, part: JourneyPart): boolean {
  return caller.kind === "operator" || rolesSee(caller.roles, part);
}
