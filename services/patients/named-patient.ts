import { recordsOf, survivorOf } from "../model/patient/index.ts";
import type { PatientReference } from "./actor.ts";
import type { Act } from "./audited.ts";
import { crosswalkAround, findRecord } from "./records.ts";

export interface Patient {
  survivor: string;
  records: string[];
}

/** The whole patient a reference names, merges followed; pseudonyms are read in `domain`. */
export async function patientNamed(
  { transaction, keys, actor }: Act,
  reference: PatientReference,
  domain: string,
): Promise<Patient | undefined> {
  const record = await findRecord(transaction, keys, reference, { participantId: actor.participantId, domain });
  if (record === undefined) return undefined;
  const crosswalk = await crosswalkAround(transaction, [record]);
  return { survivor: survivorOf(crosswalk, record), records: recordsOf(crosswalk, record) };
}
