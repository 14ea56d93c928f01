import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifierText } from "../../services/model/patient/index.ts";
import { createPatientTranslator } from "../../services/patients/index.ts";
import type { Actor } from "../../services/patients/index.ts";
import { domainOf } from "../../services/patients/actor.ts";
import { createPatientKeys } from "../../services/patients/patient-keys.ts";
import { createDatabase } from "../../services/store/database.ts";
import { EVERYTHING, granted, HOSPITAL_SYSTEM, SECRET, startTranslator, organisation } from "./support.ts";

let node: Awaited<ReturnType<typeof startTranslator>>;
let hospital: Actor;
const SPACE = 200;
const identifierOf = (number: number) => ({ system: HOSPITAL_SYSTEM, value: String(number) });

beforeAll(async () => {
  node = await startTranslator();
  hospital = organisation("treatment-centre");
});
afterAll(() => node.close());

/** Everything a thief of the database has, as text. */
async function stolen(): Promise<string> {
  const tables = ["patient_records", "patient_identifiers", "patient_pseudonyms", "patient_merges", "patient_consents", "patient_audit", "journey_patients"] as const;
  const rows = await Promise.all(tables.map((table) => node.database.selectFrom(table).selectAll().execute()));
  return JSON.stringify(rows);
}

/** Indexes that guessing yields: each candidate through what the thief may know. */
function guesses(key: Uint8Array): string[] {
  const keys = createPatientKeys(key);
  return Array.from({ length: SPACE }, (_, number) => keys.blindIndex("identifier", identifierText(hospital.participantId, identifierOf(number))));
}

describe("secrecy", () => {
  it("gives pseudonyms that share nothing between domains or with the identifier", async () => {
    const pseudonyms: string[] = [];
    for (let number = 0; number < 20; number += 1) {
      const { pseudonym } = granted(await node.patients.register(hospital, { identifier: identifierOf(number), purpose: "treatment" }));
      const journey = granted(await node.patients.translate(hospital, { pseudonym, domain: "journey", purpose: "treatment" }));
      pseudonyms.push(pseudonym, journey.pseudonym);
    }
    expect(new Set(pseudonyms).size).toBe(40);
    const runs = pseudonyms.flatMap((text) => Array.from({ length: 24 }, (_, byte) => text.slice(2 + byte * 2, 18 + byte * 2)));
    expect(new Set(runs).size).toBe(runs.length);
    const hashes = Array.from({ length: 20 }, (_, number) => [
      createHash("sha256").update(String(number)).digest("hex"),
      createHash("sha256").update(identifierText(hospital.participantId, identifierOf(number))).digest("hex"),
    ]).flat();
    for (const text of pseudonyms) for (const hash of hashes) expect(hash).not.toContain(text.slice(2, 18));
  });

  it("draws pseudonyms anew: the same identifier under the same secret on another node has others", async () => {
    const other = await startTranslator();
    const ask = { identifier: identifierOf(1), purpose: "treatment" } as const;
    const here = granted(await node.patients.register(hospital, ask));
    const there = granted(await other.patients.register(hospital, ask));
    expect(there.pseudonym).not.toBe(here.pseudonym);
    await other.close();
  });

  it("tells a thief of the database nothing: trying every record number finds none without the node's secret", async () => {
    const text = await stolen();
    const wrong = [...guesses(new Uint8Array(32)), ...guesses(new Uint8Array(32).fill(6))];
    const plain = Array.from({ length: SPACE }, (_, number) => identifierText(hospital.participantId, identifierOf(number))).flatMap((each) => [
      createHash("sha256").update(each).digest("hex"),
      createHash("sha256").update(`identifier:${each}`).digest("hex"),
    ]);
    expect([...wrong, ...plain].filter((guess) => text.includes(guess))).toEqual([]);
    expect(guesses(SECRET).filter((guess) => text.includes(guess))).toHaveLength(20);
    expect(text).not.toContain(HOSPITAL_SYSTEM);
    const { pseudonym } = granted(await node.patients.register(hospital, { identifier: identifierOf(3), purpose: "treatment" }));
    expect(text).not.toContain(pseudonym.slice(2));
  });

  it("cannot be opened with another secret, nor by moving sealed columns between rows", async () => {
    const ask = { identifier: identifierOf(4), purpose: "treatment" } as const;
    granted(await node.patients.register(hospital, ask));
    const thief = createPatientTranslator({ secret: new Uint8Array(32).fill(6) }, { database: node.database });
    const [first, second] = await node.database.selectFrom("patient_pseudonyms").selectAll().where("domain", "=", domainOf(hospital)).limit(2).execute();
    if (first === undefined || second === undefined) throw new Error("two pseudonyms were to be there");
    const record = await node.database.selectFrom("patient_records").selectAll().where("record_id", "=", first.record_id).executeTakeFirstOrThrow();
    const keys = createPatientKeys(SECRET);
    const key = keys.openRecordKey(record.record_id, record.sealed_key ?? "");
    expect(key.open(`pseudonym:${first.domain}`, first.sealed_pseudonym)).toMatch(/^0x/);
    const unreadable = expect.objectContaining({ code: "patient-record-unreadable" });
    expect(() => key.open(`pseudonym:${first.domain}`, second.sealed_pseudonym)).toThrow(unreadable);
    expect(() => key.open("pseudonym:journey", first.sealed_pseudonym)).toThrow(unreadable);
    expect(() => keys.openRecordKey(second.record_id, record.sealed_key ?? "")).toThrow(unreadable);
    expect(() => createPatientKeys(new Uint8Array(32).fill(6)).openRecordKey(record.record_id, record.sealed_key ?? "")).toThrow(unreadable);
    expect((await thief.verify()).intact).toBe(false);
  });

  it("refuses a short secret", () => {
    expect(() => createPatientTranslator({ secret: new Uint8Array(16) }, { database: node.database })).toThrow(
      expect.objectContaining({ code: "secret-too-short" }),
    );
  });
});

describe("erasure", () => {
  it("leaves nothing that leads to the patient, even to who holds the node's secret", async () => {
    const identifier = identifierOf(150);
    const keys = createPatientKeys(SECRET);
    const index = keys.blindIndex("identifier", identifierText(hospital.participantId, identifier));
    const alias = identifierOf(151);
    const { pseudonym } = granted(await node.patients.register(hospital, { identifier, purpose: "treatment" }));
    granted(await node.patients.merge(hospital, [{ surviving: identifier, subsumed: alias }]));
    const rows = await node.database.selectFrom("patient_identifiers").selectAll().where("identifier_index", "=", index).execute();
    expect(rows).toHaveLength(1);
    expect(granted(await node.patients.erase(hospital, identifier, () => Promise.resolve(undefined)))).toEqual({ records: 2, journeyIds: [] });
    const text = await stolen();
    const left = guesses(SECRET).filter((guess) => text.includes(guess));
    expect(left).toHaveLength(20);
    expect(text).not.toContain(index);
    expect(text).not.toContain(rows[0]?.sealed_identifier);
    expect(text).not.toContain(keys.blindIndex("pseudonym", JSON.stringify([domainOf(hospital), pseudonym])));
    expect(await node.patients.translate(hospital, { pseudonym, domain: "journey", purpose: "treatment" })).toMatchObject({ granted: false });
    const again = granted(await node.patients.register(hospital, { identifier, purpose: "treatment" }));
    expect(again).toMatchObject({ isNew: true });
    expect(again.pseudonym).not.toBe(pseudonym);
    expect(await node.patients.verify()).toMatchObject({ intact: true, crosswalkAgrees: true });
  });

  it("gives way to a duty to retain, and says which", async () => {
    const identifier = identifierOf(160);
    const before = granted(await node.patients.register(hospital, { identifier, purpose: "treatment" }));
    const duty = "traceability until 2056";
    expect(await node.patients.erase(hospital, identifier, () => Promise.resolve(duty))).toEqual({
      granted: false,
      code: "retention-duty",
      reason: duty,
    });
    expect(granted(await node.patients.register(hospital, { identifier, purpose: "treatment" })).pseudonym).toBe(before.pseudonym);
  });
});

describe("the trail's integrity", () => {
  const statements = [
    "update patient_audit set outcome = 'granted' where entry_number = 2",
    "delete from patient_audit where entry_number = 2",
    "truncate patient_audit",
  ];

  it.each(statements)("the database itself refuses: %s", async (statement) => {
    await expect(sql.raw(statement).execute(node.database)).rejects.toThrow(/only ever appended to/);
    expect(await node.patients.verify()).toMatchObject({ intact: true });
  });

  it.each([
    ["an entry put before another", "update patient_audit set entry_number = 100000 where entry_number = 6", 6],
    ["a changed outcome", "update patient_audit set outcome = 'refused' where entry_number = 3", 3],
    ["a changed subject", `update patient_audit set subject = '{"record":"other"}' where entry_number = 4`, 4],
    ["a changed time", "update patient_audit set occurred_at_milliseconds = 0 where entry_number = 1", 1],
    ["an entry taken out", "delete from patient_audit where entry_number = 5", 5],
    ["a seal without the secret", "update patient_audit set seal = repeat('0', 64) where entry_number = 2", 2],
  ])("shows %s made behind its back", async (_, statement, firstBroken) => {
    const { intact, head } = await node.patients.verify();
    expect(intact).toBe(true);
    expect((await node.patients.audit(null, EVERYTHING))[0]?.hash).toBe(head);
    const whole = await node.database.selectFrom("patient_audit").selectAll().execute();
    await sql.raw("alter table patient_audit disable trigger all").execute(node.database);
    await sql.raw(statement).execute(node.database);
    expect(await node.patients.verify()).toMatchObject({ intact: false, firstBroken });
    await sql.raw("truncate patient_audit").execute(node.database);
    await node.database.insertInto("patient_audit").values(whole).execute();
    await sql.raw("alter table patient_audit enable trigger all").execute(node.database);
  });
});

describe("a restart", () => {
  it("finds every patient, merge, consent and entry again", async () => {
    const directory = mkdtempSync(join(tmpdir(), "threadline-patients-"));
    try {
      const first = await createDatabase({ directory: join(directory, "database") });
      const patients = createPatientTranslator({ secret: SECRET }, { database: first.database });
      const survivor = granted(await patients.register(hospital, { identifier: identifierOf(1), purpose: "treatment" }));
      granted(await patients.register(hospital, { identifier: identifierOf(2), purpose: "treatment" }));
      granted(await patients.merge(hospital, [{ surviving: identifierOf(1), subsumed: identifierOf(2) }]));
      const before = await patients.verify();
      await first.close();
      const second = await createDatabase({ directory: join(directory, "database") });
      const restarted = createPatientTranslator({ secret: SECRET }, { database: second.database });
      expect(await restarted.verify()).toEqual(before);
      expect(granted(await restarted.register(hospital, { identifier: identifierOf(2), purpose: "treatment" }))).toMatchObject({
        pseudonym: survivor.pseudonym,
        isNew: false,
      });
      await second.close();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
