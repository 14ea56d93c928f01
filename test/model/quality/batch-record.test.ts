import { describe, expect, it } from "vitest";
import { foldBatchRecord } from "../../../services/model/quality/batch-record.ts";
import { batchEntrySchema } from "../../../services/model/quality/batch-entries.ts";
import { controlRecipe, goodDrafts, timed } from "./support.ts";

type Drafts = ReturnType<typeof goodDrafts>;
const without = (keep: (draft: Drafts[number]) => boolean): Drafts => goodDrafts().filter(keep);
const codes = (drafts: Drafts) => foldBatchRecord(controlRecipe(), timed(drafts)).exceptions.map(({ code, phase }) => `${code}@${phase}`);
const replaced = (type: string, change: object): Drafts =>
  goodDrafts().map((draft) => (draft.type === type && (draft as { phase?: string }).phase === "transduction" ? ({ ...draft, ...change } as Drafts[number]) : draft));

describe("an electronic batch record", () => {
  it("of a batch run by its recipe has everything on record and no exception", () => {
    const record = foldBatchRecord(controlRecipe(), timed(goodDrafts()));
    expect(record.exceptions).toEqual([]);
    expect(record.phasesCompleted).toBe(true);
    expect(record.closedAt).toBe("2026-03-12T08:15:00.000Z");
    expect(record.phases[0]).toMatchObject({
      startedAt: "2026-03-12T08:01:00.000Z",
      endedAt: "2026-03-12T08:05:00.000Z",
      performers: ["op-1"],
      parameters: [{ parameter: "multiplicity-of-infection", value: 3, unit: "1" }],
      materials: [{ material: "vector", lot: "VEC-7" }],
      lineClearances: [{ clearedBy: "op-1", verifiedBy: "op-2" }],
      signatures: [{ signer: "op-1" }, { signer: "op-2" }],
    });
  });

  it("flags nothing as missing while the batch runs, and is not complete", () => {
    for (let end = 0; end < goodDrafts().length; end += 1) {
      const record = foldBatchRecord(controlRecipe(), timed(goodDrafts().slice(0, end)));
      expect(record.exceptions).toEqual([]);
      expect(record.phasesCompleted).toBe(false);
    }
  });

  it.each<[string, Drafts, string[]]>([
    ["a missing phase", without((draft) => !("phase" in draft && draft.phase === "expansion")), ["phase-out-of-order@fill", "phase-missing@expansion"]],
    ["a phase never ended", without((draft) => !(draft.type === "phase-ended" && draft.phase === "fill")), ["phase-missing@fill"]],
    ["a parameter above its limit", replaced("parameter", { value: 5.01 }), ["parameter-out-of-limit@transduction"]],
    ["a parameter below its limit", replaced("parameter", { value: 0.99 }), ["parameter-out-of-limit@transduction"]],
    ["a parameter in another unit", replaced("parameter", { unit: "%" }), ["parameter-out-of-limit@transduction"]],
    ["no value of a parameter", without((draft) => !(draft.type === "parameter" && draft.phase === "expansion")), ["parameter-missing@expansion"]],
    ["equipment not of this batch", replaced("equipment-used", { equipment: "9506000134BIO2" }), ["equipment-not-allowed@transduction"]],
    ["no equipment", without((draft) => draft.type !== "equipment-used"), ["equipment-not-allowed@transduction"]],
    ["an expired material", replaced("material-used", { expiresAt: "2026-03-12T08:03:00.000Z" }), ["material-expired@transduction"]],
    ["a material not specified", replaced("material-used", { material: "medium" }), ["material-not-specified@transduction", "material-missing@transduction"]],
    ["no line clearance", without((draft) => draft.type !== "line-cleared"), ["line-clearance-missing@transduction"]],
    ["a line clearance verified by who did it", replaced("line-cleared", { verifiedBy: "op-1" }), ["line-clearance-missing@transduction"]],
    ["one signature of two", without((draft) => !(draft.type === "signed" && draft.meaning === "verified")), ["signature-missing@transduction"]],
    ["one person who signs twice", replaced("signed", { signer: "op-1" }), ["signature-missing@transduction"]],
  ])("flags %s", (_, drafts, expected) => {
    expect(codes(drafts)).toEqual(expected);
  });

  it("takes a parameter at its limits", () => {
    expect(codes(replaced("parameter", { value: 1 }))).toEqual([]);
    expect(codes(replaced("parameter", { value: 5 }))).toEqual([]);
  });

  it("flags equipment outside its qualification interval", () => {
    const recipe = controlRecipe();
    const expired = { ...recipe, equipment: recipe.equipment.map((item) => ({ ...item, qualifiedUntil: "2026-03-12T08:02:00.000Z" })) };
    expect(foldBatchRecord(expired, timed(goodDrafts())).exceptions.map(({ code }) => code)).toEqual(["equipment-not-qualified"]);
  });

  it("flags phases that overlap, start twice, or are in no recipe", () => {
    expect(codes([{ type: "phase-started", phase: "expansion", performer: "op-1" }])).toEqual(["phase-out-of-order@expansion"]);
    const twice: Drafts = [...goodDrafts().slice(0, 2), { type: "phase-started", phase: "transduction", performer: "op-1" }];
    expect(codes(twice)).toEqual(["phase-out-of-order@transduction"]);
    expect(codes([{ type: "phase-started", phase: "polishing", performer: "op-1" }])).toEqual(["phase-out-of-order@polishing"]);
  });

  it("flags what is recorded after the close, and does not take back what was missing then", () => {
    const late = [...without((draft) => draft.type !== "equipment-used"), { type: "equipment-used", phase: "transduction", equipment: "9506000134BIO1" }] as Drafts;
    expect(codes(late)).toEqual(["equipment-not-allowed@transduction", "late-entry@transduction"]);
  });

  it("gives each exception one key however often the record is read", () => {
    const drafts = without((draft) => draft.type !== "line-cleared" && draft.type !== "equipment-used");
    const keys = foldBatchRecord(controlRecipe(), timed(drafts)).exceptions.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(foldBatchRecord(controlRecipe(), timed(drafts)).exceptions.map(({ key }) => key)).toEqual(keys);
  });

  it("refuses entries with a name in place of a code, without an offset, or with members it does not know", () => {
    const [entry] = timed(goodDrafts());
    expect(batchEntrySchema.safeParse(entry).success).toBe(true);
    expect(batchEntrySchema.safeParse({ ...entry, clearedBy: "Jane Doe" }).success).toBe(false);
    expect(batchEntrySchema.safeParse({ ...entry, at: "2026-03-12T08:00:00" }).success).toBe(false);
    expect(batchEntrySchema.safeParse({ ...entry, extra: 1 }).success).toBe(false);
  });
});
