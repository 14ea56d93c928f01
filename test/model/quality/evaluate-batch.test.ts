import { describe, expect, it } from "vitest";
import { batchContext, batchReleaseInputs, batchReleasePublicSignals, batchResultsSchema, evaluateBatch, signBatchResults, verifyBatchResults } from "../../../services/model/quality/index.ts";
import type { BatchResults } from "../../../services/model/quality/index.ts";
import { batchStatement, goodRecord, laboratoryKey, otherLaboratoryKey, testSpecification, withResult } from "../../circuits/support/batches.ts";

const good = goodRecord();
const judge = (record: BatchResults) => evaluateBatch(testSpecification, record).failures;
const withPhase = (phase: string, changes: Partial<BatchResults["phases"][number]> | null): BatchResults => ({
  ...good,
  phases: good.phases.flatMap((record) => (record.phase !== phase ? [record] : changes === null ? [] : [{ ...record, ...changes }])),
});
const timeOf = (phase: string): { startedAt: number; completedAt: number } => {
  const record = good.phases.find((candidate) => candidate.phase === phase);
  return { startedAt: record?.startedAt ?? 0, completedAt: record?.completedAt ?? 0 };
};

describe("the verdict on a batch", () => {
  it("is that a good one meets its specification, in whatever order its record stands", () => {
    expect(evaluateBatch(testSpecification, good)).toEqual({ meetsSpecification: true, failures: [] });
    expect(judge({ ...good, results: [...good.results].reverse(), phases: [...good.phases].reverse() })).toEqual([]);
  });

  it("names every test that fails, with what was found and the limit", () => {
    const record = [
      ["viabilityPercent", { qualifier: "equal", value: "69.9", unit: "%" }],
      ["vectorCopyNumber", { qualifier: "greater-than", value: "4.00", unit: "{copies}/{cell}" }],
      ["endotoxin", null],
      ["sterility", { qualifier: "detected" }],
      ["osmolalityShift", { qualifier: "less-than", value: "-6", unit: "mosm/kg" }],
    ] as const;
    const failing = record.reduce<BatchResults>((result, [test, changes]) => withResult(result, test, changes), good);
    expect(judge(failing)).toEqual([
      { kind: "below-minimum", test: "viabilityPercent", title: "Viability", observed: "69.9 %", limit: "70.0 %" },
      { kind: "above-maximum", test: "vectorCopyNumber", title: "Vector copies per cell", observed: "> 4.00 {copies}/{cell}", limit: "4.99 {copies}/{cell}" },
      { kind: "test-missing", test: "endotoxin", title: "Endotoxin" },
      { kind: "finding-unexpected", test: "sterility", title: "Sterility", observed: "detected", limit: "negative" },
      { kind: "below-minimum", test: "osmolalityShift", title: "Shift of osmolality", observed: "< -6 mosm/kg", limit: "-5 mosm/kg" },
    ]);
  });

  it("demands a late test at the final stage only, and an optional one never", () => {
    expect(judge(withResult(good, "sterility", null))).toEqual([{ kind: "test-missing", test: "sterility", title: "Sterility" }]);
    expect(judge({ ...withResult(good, "sterility", null), stage: "first" })).toEqual([]);
    expect(judge({ ...withResult(good, "sterility", { qualifier: "positive" }), stage: "first" })).toMatchObject([{ kind: "finding-unexpected" }]);
    expect(judge(withResult(good, "osmolalityShift", null))).toEqual([]);
  });

  it("names every phase that is missing, not completed, or out of order", () => {
    const named = (kind: string, phase: string) => [{ kind, phase, title: phase }];
    expect(judge(withPhase("activate", null))).toEqual(named("phase-missing", "activate"));
    expect(judge(withPhase("thaw", { startedAt: null }))).toEqual(named("phase-missing", "thaw"));
    expect(judge(withPhase("harvest", { completedAt: null }))).toEqual(named("phase-not-completed", "harvest"));
    expect(judge(withPhase("expand", { startedAt: timeOf("transduce").completedAt - 1 }))).toEqual(named("phase-out-of-order", "expand"));
    expect(judge(withPhase("expand", { completedAt: timeOf("expand").startedAt - 1 }))).toEqual(named("phase-ends-before-start", "expand"));
    const { completedAt } = timeOf("harvest");
    expect(judge({ ...good, signedAt: completedAt })).toEqual([]);
    expect(judge({ ...good, signedAt: completedAt - 1 })).toEqual([{ kind: "signed-before-completion", signedAt: completedAt - 1, completedAt }]);
  });

  it.each([
    ["of another specification", { specificationHash: `0x${"00".repeat(32)}` }],
    ["with a test the specification does not name", { results: [...good.results, { test: "unheard", qualifier: "negative" as const }] }],
    ["with two results for a test", { results: [...good.results, ...good.results.slice(0, 1)] }],
    ["with a phase the specification does not name", { phases: [...good.phases, { phase: "unheard", startedAt: 1, completedAt: 1 }] }],
    ["with a phase twice", { phases: [...good.phases, ...good.phases.slice(0, 1)] }],
  ])("is not given on a record %s", (_name, changes) => {
    expect(() => judge({ ...good, ...changes })).toThrow(expect.objectContaining({ code: "batch-results-invalid" }));
  });

  it("keeps a failing batch from being proven, and names why", () => {
    const record = withResult(good, "endotoxin", null);
    expect(() => batchReleasePublicSignals(batchStatement({ record }))).toThrow(expect.objectContaining({ code: "batch-not-provable", details: { failures: [{ kind: "test-missing", test: "endotoxin", title: "Endotoxin" }] } }));
  });
});

describe("a laboratory's record", () => {
  it("is read strictly", () => {
    expect(batchResultsSchema.parse(JSON.parse(JSON.stringify(good)))).toEqual(good);
    for (const wrong of [{ ...good, extra: 1 }, { ...good, signedAt: 0 }, { ...good, signedAt: 2 ** 40 }, { ...good, signedAt: 1.5 }, { ...good, salt: "00" }, { ...good, stage: "second" }])
      expect(batchResultsSchema.safeParse(wrong).success).toBe(false);
  });

  it("can be signed though it fails, and binds every part of it and its context", () => {
    const failing = withResult(good, "endotoxin", null);
    const signature = signBatchResults(testSpecification, failing, 5n, laboratoryKey.privateKey);
    const verify = (record: BatchResults, context = 5n, key = laboratoryKey) => verifyBatchResults(testSpecification, record, context, signature, key.publicKey);
    expect(verify(failing)).toBe(true);
    expect([verify(good), verify(failing, 6n), verify(failing, 5n, otherLaboratoryKey), verify({ ...failing, stage: "first" }), verify({ ...failing, signedAt: failing.signedAt + 1 }), verify({ ...failing, salt: "3d".repeat(31) })]).toEqual(Array(6).fill(false));
    const earlier = failing.phases.map((phase, place) => (place === 0 ? { ...phase, startedAt: (phase.startedAt ?? 0) - 1 } : phase));
    expect(verify({ ...failing, phases: earlier })).toBe(false);
  });

  it("makes no circuit inputs under another's signature", () => {
    const statement = batchStatement();
    const signature = signBatchResults(testSpecification, statement.record, statement.context, otherLaboratoryKey.privateKey);
    expect(() => batchReleaseInputs({ ...statement, signature })).toThrow(expect.objectContaining({ code: "signature-invalid" }));
  });

  it("is bound to chain, contract, journey, specification and certificate", () => {
    const parts = { chainId: 31_337n, contract: `0x${"11".repeat(20)}`, journeyId: `0x${"22".repeat(32)}`, specification: 0, certificateHash: `0x${"33".repeat(32)}` };
    const contexts = [parts, { ...parts, chainId: 1n }, { ...parts, contract: `0x${"12".repeat(20)}` }, { ...parts, journeyId: `0x${"23".repeat(32)}` }, { ...parts, specification: 1 }, { ...parts, certificateHash: `0x${"34".repeat(32)}` }].map(batchContext);
    expect(new Set(contexts).size).toBe(contexts.length);
  });
});
