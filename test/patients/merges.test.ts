import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordsOf, survivorOf } from "../../services/model/patient/index.ts";
import type { Actor } from "../../services/patients/index.ts";
import { crosswalkFromTables, crosswalkFromTrail } from "../../services/patients/unmerges.ts";
import { granted, mrn, organisation, startTranslator } from "./support.ts";

let node: Awaited<ReturnType<typeof startTranslator>>;
let hospital: Actor;
let count = 0;

beforeAll(async () => {
  node = await startTranslator();
  hospital = organisation("treatment-centre");
});
afterAll(() => node.close());

const register = (identifier: ReturnType<typeof mrn>, actor = hospital) =>
  node.patients.register(actor, { identifier, purpose: "treatment" }).then(granted);

async function two() {
  const [first, second] = [mrn(`m${(count += 1)}`), mrn(`m${(count += 1)}`)];
  const pseudonyms = [(await register(first)).pseudonym, (await register(second)).pseudonym] as const;
  return { first, second, pseudonyms };
}

describe("a merge", () => {
  it("makes both identifiers and both pseudonyms name the survivor; an unmerge restores both", async () => {
    const { first, second, pseudonyms } = await two();
    const { merges } = granted(await node.patients.merge(hospital, [{ surviving: first, subsumed: second }]));
    expect((await register(second)).pseudonym).toBe(pseudonyms[0]);
    const translated = pseudonyms.map((pseudonym) =>
      node.patients.translate(hospital, { pseudonym, domain: "journey", purpose: "treatment" }).then(granted),
    );
    const [one, other] = await Promise.all(translated);
    expect(one).toEqual(other);
    granted(await node.patients.unmerge(hospital, { merge: merges[0]?.merge ?? 0 }));
    expect((await register(first)).pseudonym).toBe(pseudonyms[0]);
    expect((await register(second)).pseudonym).toBe(pseudonyms[1]);
    const history = await node.database
      .selectFrom("patient_merges")
      .selectAll()
      .where("merge_number", "=", merges[0]?.merge ?? 0)
      .execute();
    expect(history).toMatchObject([{ merged_by: hospital.participantId, unmerged_by: hospital.participantId }]);
  });

  it("announced again stands; the other way round, into itself or after another it is refused", async () => {
    const { first, second } = await two();
    const third = mrn(`m${(count += 1)}`);
    await register(third);
    const pair = { surviving: first, subsumed: second };
    const merged = granted(await node.patients.merge(hospital, [pair])).merges;
    expect(granted(await node.patients.merge(hospital, [pair])).merges).toEqual([{ ...merged[0], standing: true }]);
    for (const [surviving, subsumed, code] of [
      [second, first, "merge-cycle"],
      [first, first, "merge-into-itself"],
      [third, second, "already-subsumed"],
    ] as const)
      expect(await node.patients.merge(hospital, [{ surviving, subsumed }])).toMatchObject({ granted: false, code });
    granted(await node.patients.unmerge(hospital, pair));
    expect(await node.patients.unmerge(hospital, pair)).toMatchObject({ granted: false, code: "unknown-merge" });
    expect(await node.patients.unmerge(hospital, { merge: merged[0]?.merge ?? 0 })).toMatchObject({ granted: false, code: "not-merged" });
  });

  it("registers the identifier it does not know beside one it does, and concerns nobody when it knows neither", async () => {
    const { first, pseudonyms } = await two();
    const unseen = mrn(`unseen${count}`);
    granted(await node.patients.merge(hospital, [{ surviving: unseen, subsumed: first }]));
    const survivor = await register(first);
    expect(survivor.pseudonym).not.toBe(pseudonyms[0]);
    expect(await register(unseen)).toMatchObject({ pseudonym: survivor.pseudonym, isNew: false });
    const before = await node.database.selectFrom("patient_records").selectAll().execute();
    const strangers = { surviving: mrn("nobody"), subsumed: mrn("no-one") };
    expect(await node.patients.merge(hospital, [strangers])).toMatchObject({ granted: false, code: "unknown-patient" });
    expect(await node.database.selectFrom("patient_records").selectAll().execute()).toHaveLength(before.length);
  });

  it("of several pairs happens whole or not at all", async () => {
    const { first, second } = await two();
    const unseen = mrn(`unseen-pair${count}`);
    const pairs = [
      { surviving: first, subsumed: second },
      { surviving: first, subsumed: unseen },
      { surviving: second, subsumed: first },
    ];
    expect(await node.patients.merge(hospital, pairs)).toMatchObject({ granted: false, code: "merge-cycle" });
    expect((await register(first)).pseudonym).not.toBe((await register(second)).pseudonym);
    expect((await register(unseen)).isNew).toBe(true);
  });

  it("is of the caller's own identifiers, and undone by who made it only", async () => {
    const { first, second } = await two();
    const other = organisation("treatment-centre");
    const pair = { surviving: first, subsumed: second };
    expect(await node.patients.merge(other, [pair])).toMatchObject({ granted: false, code: "unknown-patient" });
    const [merge] = granted(await node.patients.merge(hospital, [pair])).merges;
    await register(first, other);
    await register(second, other);
    expect(await node.patients.unmerge(other, { merge: merge?.merge ?? 0 })).toMatchObject({ granted: false, code: "unknown-merge" });
    expect(await node.patients.unmerge(other, pair)).toMatchObject({ granted: false, code: "unknown-merge" });
  });

  it("carries a consent along with the patient, and an unmerge gives it back", async () => {
    const { first, second, pseudonyms } = await two();
    const consent = { purpose: "quality", scope: "re-identification", domain: `organisation-${hospital.gln}` } as const;
    const expiresAt = node.clock.now + 1000;
    granted(await node.patients.giveConsent(hospital, { ...consent, patient: second, grantee: hospital.participantId, expiresAt }));
    const ask = { pseudonym: pseudonyms[0], domain: consent.domain, purpose: consent.purpose };
    expect((await node.patients.reidentify(hospital, ask)).granted).toBe(false);
    granted(await node.patients.merge(hospital, [{ surviving: first, subsumed: second }]));
    expect(granted(await node.patients.reidentify(hospital, ask)).identifiers).toEqual([first, second]);
    granted(await node.patients.unmerge(hospital, { surviving: first, subsumed: second }));
    expect((await node.patients.reidentify(hospital, ask)).granted).toBe(false);
  });
});

describe("any sequence of merges and unmerges", () => {
  it("keeps the crosswalk a partition, replayable from the audit trail, and identifiers named by their survivor", async () => {
    const place = fc.integer({ min: 0, max: 5 });
    const act = fc.oneof(
      { weight: 3, arbitrary: fc.record({ surviving: place, subsumed: place }) },
      { weight: 1, arbitrary: fc.record({ back: fc.integer({ min: 1, max: 5 }) }) },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 12 }), async (acts) => {
        run += 1;
        const identifiers = Array.from({ length: 6 }, (_, number) => mrn(`p${run}-${number}`));
        const own = await Promise.all(identifiers.map((identifier) => register(identifier)));
        const made: number[] = [];
        for (const each of acts) {
          if ("back" in each) await node.patients.unmerge(hospital, { merge: made.at(-each.back) ?? 0 });
          else {
            const outcome = await node.patients.merge(hospital, [
              { surviving: identifiers[each.surviving] ?? mrn("x"), subsumed: identifiers[each.subsumed] ?? mrn("x") },
            ]);
            if (outcome.granted) made.push(...outcome.value.merges.map(({ merge }) => merge));
          }
        }
        const told = await crosswalkFromTrail(node.database);
        const held = await crosswalkFromTables(node.database);
        expect(told).toEqual(held);
        const parts = new Map<string, Set<string>>();
        for (const merge of held.values())
          for (const record of [merge.surviving, merge.subsumed]) {
            const part = recordsOf(held, record).join();
            parts.set(part, (parts.get(part) ?? new Set()).add(survivorOf(held, record)));
          }
        for (const survivors of parts.values()) expect(survivors.size).toBe(1);
        const all = [...parts.keys()].flatMap((part) => part.split(","));
        expect(new Set(all).size).toBe(all.length);
        const now = await Promise.all(identifiers.map((identifier) => register(identifier)));
        for (const { pseudonym } of now) expect(own.map((each) => each.pseudonym)).toContain(pseudonym);
      }),
      { seed: 44, numRuns: 15 },
    );
    expect(await node.patients.verify()).toMatchObject({ intact: true, crosswalkAgrees: true });
  });

  it("shows when the tables say another crosswalk than the trail", async () => {
    const { first, second } = await two();
    const [merge] = granted(await node.patients.merge(hospital, [{ surviving: first, subsumed: second }])).merges;
    const forge = (unmerged: number | null) =>
      node.database
        .updateTable("patient_merges")
        .set({ unmerged_at_milliseconds: unmerged, unmerged_by: unmerged === null ? null : "0x" })
        .where("merge_number", "=", merge?.merge ?? 0)
        .execute();
    await forge(1);
    expect(await node.patients.verify()).toMatchObject({ intact: true, crosswalkAgrees: false });
    await forge(null);
    expect(await node.patients.verify()).toMatchObject({ crosswalkAgrees: true });
  });
});
