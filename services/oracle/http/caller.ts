import type { Role } from "../../model/custody/index.ts";

/** Who stands behind an API key. */
export type Caller = { kind: "operator" } | ParticipantCaller;

export interface ParticipantCaller {
  kind: "participant";
  participantId: string;
  gln: string;
  name: string;
  roles: readonly Role[];
}

/** Roles that see every journey: the authority, its auditors and those who review exceptions and decide on release. */
const OVERSIGHT: readonly Role[] = ["auditor", "regulator", "qualified-person", "quality-assurance"];

export function seesEveryJourney(caller: Caller): boolean {
  return caller.kind === "operator" || caller.roles.some((role) => OVERSIGHT.includes(role));
}
