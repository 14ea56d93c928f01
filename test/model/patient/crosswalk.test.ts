import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  judgeMerge,
  judgeUnmerge,
  recordsOf,
  replayCrosswalk,
  survivorOf,
  withMerge,
  withoutMerge,
} from "../../../services/model/patient/index.ts";
import type { Crosswalk, CrosswalkFact, Merge } from "../../../services/model/patient/index.ts";

const RECORDS = ["a", "b", "c", "d", "e", "f", "g"];

type Act = { surviving: string; subsumed: string } | { unmerge: number };

const actArbitrary: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ surviving: fc.constantFrom(...RECORDS), subsumed: fc.constantFrom(...RECORDS) }) },
  { weight: 1, arbitrary: fc.record({ unmerge: fc.integer({ min: 1, max: 12 }) }) },
);

/** Applies what is not refused; returns the state after each act, and the facts. */
function apply(acts: readonly Act[]): { states: Crosswalk[]; facts: CrosswalkFact[] } {
  let crosswalk: Crosswalk = new Map();
  let number = 0;
  const states: Crosswalk[] = [crosswalk];
  const facts: CrosswalkFact[] = [];
  for (const act of acts) {
    if ("unmerge" in act) {
      if (judgeUnmerge(crosswalk, act.unmerge) === undefined) continue;
      crosswalk = withoutMerge(crosswalk, act.unmerge);
      facts.push({ kind: "unmerged", number: act.unmerge });
    } else {
      if (judgeMerge(crosswalk, act.surviving, act.subsumed).kind !== "merge") continue;
      const merge = { number: (number += 1), surviving: act.surviving, subsumed: act.subsumed };
      crosswalk = withMerge(crosswalk, merge);
      facts.push({ kind: "merged", ...merge });
    }
    states.push(crosswalk);
  }
  return { states, facts };
}

/** The patients told another way: records that merges connect, whatever their direction. */
function connected(crosswalk: Crosswalk): string[] {
  const groups = new Map(RECORDS.map((record) => [record, new Set([record])]));
  for (const { surviving, subsumed } of crosswalk.values()) {
    const joined = new Set([...(groups.get(surviving) ?? []), ...(groups.get(subsumed) ?? [])]);
    for (const record of joined) groups.set(record, joined);
  }
  return [...new Set([...groups.values()].map((group) => [...group].sort().join("")))].sort();
}

describe("the crosswalk", () => {
  it("stays a partition whose parts are what the merges that stand connect, each with one survivor", () => {
    fc.assert(
      fc.property(fc.array(actArbitrary, { maxLength: 30 }), (acts) => {
        for (const crosswalk of apply(acts).states) {
          const parts = new Set(RECORDS.map((record) => recordsOf(crosswalk, record).join("")));
          expect([...parts].sort()).toEqual(connected(crosswalk));
          for (const record of RECORDS) {
            const survivor = survivorOf(crosswalk, record);
            expect(survivorOf(crosswalk, survivor)).toBe(survivor);
            expect(crosswalk.has(survivor)).toBe(false);
            expect(recordsOf(crosswalk, record)).toContain(record);
          }
        }
      }),
      { seed: 40, numRuns: 300 },
    );
  });

  it("is what its history replays to, and an unmerge right after a merge restores what was", () => {
    fc.assert(
      fc.property(fc.array(actArbitrary, { maxLength: 30 }), (acts) => {
        const { states, facts } = apply(acts);
        const last: Crosswalk = states.at(-1) ?? new Map();
        expect(replayCrosswalk(facts)).toEqual(last);
        for (const surviving of RECORDS)
          for (const subsumed of RECORDS)
            if (judgeMerge(last, surviving, subsumed).kind === "merge")
              expect(withoutMerge(withMerge(last, { number: 99, surviving, subsumed }), 99)).toEqual(last);
      }),
      { seed: 41, numRuns: 200 },
    );
  });

  const merges = (...each: Merge[]): Crosswalk => new Map(each.map((merge) => [merge.subsumed, merge]));
  const chain = merges({ number: 1, surviving: "b", subsumed: "a" }, { number: 2, surviving: "c", subsumed: "b" });

  it.each([
    ["a record with itself", "a", "a", "merge-into-itself"],
    ["a survivor into what it subsumed", "b", "c", "merge-cycle"],
    ["a survivor into what it subsumed at two removes", "a", "c", "merge-cycle"],
    ["what is subsumed by another", "d", "a", "already-subsumed"],
    ["what is subsumed by the same patient's other record", "c", "a", "already-subsumed"],
  ])("refuses to merge %s", (_, surviving, subsumed, code) => {
    expect(judgeMerge(chain, surviving, subsumed)).toMatchObject({ kind: "refused", code });
  });

  it("takes a merge that stands as announced again", () => {
    expect(judgeMerge(chain, "b", "a")).toEqual({ kind: "standing", number: 1 });
    expect(judgeMerge(chain, "d", "c")).toEqual({ kind: "merge" });
  });

  it("says whether an unmerge is out of order, and knows none that does not stand", () => {
    expect(judgeUnmerge(chain, 2)).toEqual({ outOfOrder: false });
    expect(judgeUnmerge(chain, 1)).toEqual({ outOfOrder: true });
    expect(judgeUnmerge(merges({ number: 1, surviving: "b", subsumed: "a" }, { number: 2, surviving: "d", subsumed: "c" }), 1)).toEqual({
      outOfOrder: false,
    });
    expect(judgeUnmerge(chain, 3)).toBeUndefined();
  });
});
