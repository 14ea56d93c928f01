import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifierText } from "../../services/model/patient/index.ts";
import type { LocalIdentifier } from "../../services/model/patient/index.ts";
import { createPatientKeys } from "../../services/patients/patient-keys.ts";
import type { ErasedPart } from "../../services/store/erasure/eraser.ts";
import { storedText } from "../support/stored-texts.ts";
import { EVERYTHING, granted, mrn, organisation, SECRET, startTranslator } from "./support.ts";

let node: Awaited<ReturnType<typeof startTranslator>>;
const hospital = organisation("treatment-centre");
beforeAll(async () => {
  node = await startTranslator();
  await sql`insert into flows (name, version, document, document_hash) values ('f', 1, '{"gates":[]}', '0xf')`.execute(node.database);
});
afterAll(() => node.close());

/** A journey opened for a patient of the hospital. */
async function journeyOf(identifier: LocalIdentifier): Promise<string> {
  const journeyId = `0x${randomBytes(32).toString("hex")}`;
  const { recordId } = granted(await node.patients.patientForJourney(hospital, identifier));
  await node.database.transaction().execute(async (transaction) => {
    await sql`insert into journeys (journey_id, identity_index, identity_commitment, flow_document_hash, opened_by, created_at_milliseconds)
      values (${journeyId}, ${journeyId}, '', '0xf', ${hospital.participantId}, 1)`.execute(transaction);
    await node.patients.bindJourney(transaction, hospital, { journeyId, recordId });
  });
  return journeyId;
}

async function erase(journeyId: string, isTraceabilityKept: boolean): Promise<ErasedPart[]> {
  return node.database.transaction().execute(async (transaction) => {
    const parts = await node.patients.subjectEraser.erase(transaction, { journeyId, chainOfIdentity: null, isTraceabilityKept });
    await transaction.updateTable("journeys").set({ erased_at_milliseconds: 1 }).where("journey_id", "=", journeyId).execute();
    return parts;
  });
}

/** Whether anybody with the dump and the node's secret finds the hospital's number, trying those up to a thousand. */
async function found(): Promise<string[]> {
  const keys = createPatientKeys(SECRET);
  const text = await storedText(node.database);
  return Array.from({ length: 1_000 }, (_, number) => mrn(number)).filter((each) => text.includes(keys.blindIndex("identifier", identifierText(hospital.participantId, each)))).map(({ value }) => value);
}

const LINK = { what: "the link between journey and patient", count: 1 };
const records = (count: number) => ({ what: "the patient's records: keys, identifiers, pseudonyms and consents", count });

describe("the patient of an erased journey", () => {
  it("keeps what other journeys need, and goes with the last one, however many records were merged", async () => {
    const [first, second] = [await journeyOf(mrn(11)), await journeyOf(mrn(12))];
    granted(await node.patients.merge(hospital, [{ surviving: mrn(11), subsumed: mrn(12) }]));
    expect(await node.patients.areOfOnePatient(first, second)).toBe(true);
    expect(await erase(first, false)).toEqual([LINK]);
    expect(await node.patients.journeyPseudonym(first)).toBeUndefined();
    expect(await node.patients.journeyPseudonym(second)).toMatch(/./);
    expect(await found()).toEqual(["MRN-11", "MRN-12"]);
    expect(await erase(second, false)).toEqual([LINK, records(2)]);
    expect(await found()).toEqual([]);
    expect(await erase(second, false)).toEqual([]);
  });

  it("stays traceable for as long as the law asks, without the consents nobody needs any more", async () => {
    const [first, second] = [await journeyOf(mrn(21)), await journeyOf(mrn(21))];
    granted(await node.patients.giveConsent(hospital, { patient: mrn(21), purpose: "research", scope: "translation", domain: "research", grantee: hospital.participantId, expiresAt: node.clock.now + 1_000 }));
    const kept = { what: "the patient's records: identifiers and pseudonyms", count: 1, isKept: true };
    expect(await erase(first, true)).toEqual([kept]);
    expect(await node.patients.consentsOfJourney(second)).toHaveLength(1);
    expect(await erase(second, true)).toEqual([{ what: "the patient's consents", count: 1 }, kept]);
    expect(await node.patients.journeyPseudonym(first)).toMatch(/./);
    expect(await found()).toEqual(["MRN-21"]);
    expect(await erase(first, false)).toEqual([LINK]);
    expect(await erase(second, false)).toEqual([LINK, records(1)]);
    expect(await found()).toEqual([]);
  });

  it("is on the audit trail, which stays whole and names nobody", async () => {
    const journeyId = await journeyOf(mrn(31));
    await erase(journeyId, true);
    await erase(journeyId, false);
    const [last, before] = await node.patients.audit(null, EVERYTHING);
    expect([before?.reason, last?.reason]).toEqual(["erased but for traceability", "erased"]);
    expect(last).toMatchObject({ action: "erase", participantId: "operator", outcome: "granted" });
    expect(await node.patients.verify()).toMatchObject({ intact: true, crosswalkAgrees: true });
    expect(JSON.stringify(await node.patients.audit(null, EVERYTHING))).not.toContain("MRN-31");
  });

  it("is nobody where the journey was opened for none", async () => {
    const entries = (await node.patients.audit(null, EVERYTHING)).length;
    expect(await erase(`0x${"ab".repeat(32)}`, false)).toEqual([]);
    expect((await node.patients.audit(null, EVERYTHING)).length).toBe(entries);
  });
});
