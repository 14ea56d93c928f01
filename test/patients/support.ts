import { createPatientTranslator } from "../../services/patients/index.ts";
import type { Actor, Outcome } from "../../services/patients/index.ts";
import { participantIdOf } from "../../services/model/custody/index.ts";
import type { Role } from "../../services/model/custody/index.ts";
import type { LocalIdentifier } from "../../services/model/patient/index.ts";
import { withCheckDigit } from "../../services/model/identity/index.ts";
import { openTestDatabase } from "../support/databases.ts";

export const SECRET = new Uint8Array(32).fill(5);
export const HOSPITAL_SYSTEM = "urn:oid:2.16.840.1.113883.19.5";
export const EVERYTHING = { offset: 0, limit: 10_000 };

export function mrn(value: string | number): LocalIdentifier {
  return { system: HOSPITAL_SYSTEM, value: `MRN-${value}` };
}

let organisations = 0;

export function organisation(...roles: Role[]): Actor {
  organisations += 1;
  const gln = withCheckDigit(`95060009${String(organisations).padStart(4, "0")}`);
  return { participantId: participantIdOf(gln), gln, roles };
}

/** A translator on a database of its own, with a clock that stands until it is moved. */
export async function startTranslator() {
  const store = await openTestDatabase();
  const clock = { now: Date.parse("2026-03-02T09:00:00Z") };
  const patients = createPatientTranslator({ secret: SECRET }, { database: store.database, now: () => clock.now });
  return { ...store, patients, clock };
}

export function granted<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.granted) throw new Error(`refused: ${outcome.code}: ${outcome.reason}`);
  return outcome.value;
}
