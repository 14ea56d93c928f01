import type { Caller } from "../http/caller.ts";

/** Who reads, as the trail of accesses keeps it. */
export function accessorOf(caller: Caller) {
  return caller.kind === "operator"
    ? { participant_id: "operator", account: null, roles: "" }
    : { participant_id: caller.participantId, account: caller.account, roles: caller.roles.join(" ") };
}
