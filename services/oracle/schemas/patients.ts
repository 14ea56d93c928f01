import { z } from "zod";
import { localIdentifierSchema, pseudonymSchema, PURPOSES } from "../../model/patient/index.ts";
import type { Actor, Outcome } from "../../patients/index.ts";
import type { Caller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";

export const purposeSchema = z.enum(PURPOSES);

/** A patient by an own identifier, or by a pseudonym in the caller's domain. Always in a body: addresses are logged. */
export const patientReferenceSchema = z.union([localIdentifierSchema, z.strictObject({ pseudonym: pseudonymSchema })]);

/** The organisation behind a caller. An operator has no domain, and so no patients. */
export function actorOf(caller: Caller): Actor {
  if (caller.kind === "participant") return caller;
  throw problem(403, "not-authorised", "the operator of a node has no patients; only an organisation may name one");
}

const STATUSES: Readonly<Record<string, number>> = {
  "not-allowed": 403,
  "no-own-identifier": 403,
  "unknown-patient": 404,
  "unknown-consent": 404,
  "unknown-merge": 404,
};

/** The value of an outcome; a refusal, which is on the audit trail by now, becomes its problem. */
export function answered<Value>(outcome: Outcome<Value>): Value {
  if (outcome.granted) return outcome.value;
  const { code, reason } = outcome;
  if (code === "not-allowed")
    throw problem(403, "look-up-not-allowed", "no consent and no duty allows this look-up; the refusal is on the audit trail");
  throw problem(STATUSES[code] ?? 409, code, reason);
}
