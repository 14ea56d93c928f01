import type { Role } from "../model/custody/index.ts";
import type { LocalIdentifier } from "../model/patient/index.ts";
import { organisationDomain } from "../model/patient/index.ts";

/** The organisation that asks. Its domain is its own: its GLN names it. */
export interface Actor {
  participantId: string;
  gln: string;
  roles: readonly Role[];
}

export function domainOf(actor: Actor): string {
  return organisationDomain(actor.gln);
}

/** A patient as an organisation may name one: by its own identifier, or by a pseudonym. */
export type PatientReference = LocalIdentifier | { pseudonym: string };

/** What an act came to. A refusal is on the audit trail just as an answer is. */
export type Outcome<Value> = { granted: true; value: Value } | { granted: false; code: string; reason: string };
