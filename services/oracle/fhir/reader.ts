import type { Caller, ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";

/** The organisation that reads. The access table lets no operator in: administering a node asks for no patient data. */
export function organisationOf(caller: Caller): ParticipantCaller {
  if (caller.kind === "participant") return caller;
  throw problem(403, "not-authorised", "the FHIR façade is for organisations, not for the operator of a node");
}
