import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgePrintedLabel, matchLabel, parseLabel, reconcileLabels } from "../../../services/model/identity/index.ts";
import type { ParsedLabel, PrintedLabel } from "../../../services/model/identity/index.ts";

const COI = "CHA999926000001";
const BAG = "https://id.gs1.org/01/09506000134352/21/A%2F1";
const OTHER = "https://id.gs1.org/01/09506000134352/21/A2";

function label(text: string): ParsedLabel {
  const result = parseLabel(text);
  if (!result.ok) throw new Error(result.message);
  return result.label;
}

const PRINTED: PrintedLabel[] = [
  { labelId: "first", epc: BAG, version: 1, voided: true },
  { labelId: "second", epc: BAG, version: 2, voided: false },
  { labelId: "lone", epc: OTHER, version: 1, voided: true },
];

describe("the register of printed labels", () => {
  test.each([
    ["the valid version", `(01)09506000134352(21)A/1(90)${COI}V2`, { ok: true, labelId: "second" }],
    ["a voided version", `(01)09506000134352(21)A/1(90)${COI}V1`, { ok: false, code: "label-voided", limit: "version 2" }],
    ["a voided version without successor", `(01)09506000134352(21)A2(90)${COI}V1`, { ok: false, code: "label-voided", limit: "no label of this container is valid" }],
    ["a later version", `(01)09506000134352(21)A/1(90)${COI}V3`, { ok: false, code: "label-not-printed", limit: "version 2" }],
    ["no version", "(01)09506000134352(21)A/1", { ok: false, code: "label-not-printed" }],
    ["a version of another make", "(01)09506000134352(21)A/1(90)V2", { ok: false, code: "label-not-printed" }],
    ["a bag of which nothing was printed", `(01)09506000134352(21)A3(90)${COI}V1`, { ok: false, code: "label-not-printed" }],
    ["an identifier of the therapy", `&/${COI}`, { ok: true, labelId: null }],
    ["a donation", "=G12341765432100", { ok: true, labelId: null }],
    ["a shipper", "(8003)09506000134376S1", { ok: true, labelId: null }],
  ])("%s", (_, text, verdict) => expect(judgePrintedLabel(label(text), PRINTED)).toMatchObject(verdict));

  test("of a journey of which nothing was printed nothing is said", () => {
    expect(judgePrintedLabel(label("(01)09506000134352(21)A/1"), [])).toEqual({ ok: true, labelId: null });
  });

  test("a label that contradicts the journey's Chain of Identity does not match, whichever bag it names", () => {
    const expected = { chainOfIdentity: COI, donationIdentificationNumbers: [], epcs: [BAG] };
    const text = "(01)09506000134352(21)A/1(90)";
    expect(matchLabel(label(`${text}${COI}V2`), expected)).toMatchObject({ match: true });
    expect(matchLabel(label(`${text}CHA999926000002V2`), expected)).toMatchObject({ match: false, observed: "CHA999926000002" });
    expect(matchLabel(label(`${text}anything else`.replace(" ", "-")), expected)).toMatchObject({ match: true });
  });
});

describe("reconciliation", () => {
  const printed = fc.uniqueArray(fc.uuid(), { maxLength: 8 }).chain((ids) =>
    fc.tuple(...ids.map((labelId, at) => fc.boolean().map((voided): PrintedLabel => ({ labelId, epc: BAG, version: at + 1, voided })))),
  );

  test("has no difference exactly when each label is counted once where it may be", () => {
    fc.assert(
      fc.property(printed, (labels) => {
        const applied = labels.filter((one) => !one.voided).map((one) => one.labelId);
        const destroyed = labels.filter((one) => one.voided).map((one) => one.labelId);
        expect(reconcileLabels(labels, { applied, destroyed })).toEqual({
          printed: labels.length, applied: applied.length, destroyed: destroyed.length, differences: [],
        });
        for (const { labelId, voided } of labels) {
          const without = (ids: string[]) => ids.filter((id) => id !== labelId);
          const missing = reconcileLabels(labels, { applied: without(applied), destroyed: without(destroyed) });
          expect(missing.differences).toEqual([{ labelId, difference: "unaccounted" }]);
          const twice = reconcileLabels(labels, { applied, destroyed: [...destroyed, labelId] });
          expect(twice.differences).toContainEqual({ labelId, difference: "counted-twice" });
          if (voided) {
            const misapplied = reconcileLabels(labels, { applied: [...applied, labelId], destroyed: without(destroyed) });
            expect(misapplied.differences).toEqual([{ labelId, difference: "voided-but-applied" }]);
          }
        }
        expect(reconcileLabels(labels, { applied: [...applied, "forged"], destroyed }).differences).toEqual([{ labelId: "forged", difference: "not-printed" }]);
      }),
    );
  });
});
