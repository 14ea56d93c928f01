import { describe, expect, it } from "vitest";
import { compiledForAudit } from "../../scripts/circuits/audit.ts";
import { fixtureOf } from "../../scripts/circuits/audit/fixtures/index.ts";
import { readSources } from "../../scripts/circuits/audit/workspace.ts";
import { readManifest } from "../../scripts/circuits/manifest.ts";
import { mutateCircuit } from "../../scripts/circuits/mutants.ts";
import { seededSample } from "../../scripts/circuits/mutants/sampling.ts";
import { includedFrom, sourceMutants } from "../../scripts/circuits/mutants/source-mutations.ts";
import { scoreOf } from "../../scripts/circuits/mutants/verdict.ts";
import { known } from "./support/known.ts";

/** The floor, for each circuit, of the constraints dropped and of all mutants together. */
const LEAST_PERCENT = 95;

/** Constraints signals are derived by; those that only check are all judged. All constraints: scripts/circuits/mutants.ts. */
const SAMPLE = 150;

describe("mutants", () => {
  it.each(Object.entries(readManifest()))("of %s: a seeded sample is killed", { timeout: 600_000 }, async (circuit) => {
    const report = await mutateCircuit(circuit, { constraints: SAMPLE, sources: 2 });
    const { judged, killed, by, percent } = scoreOf(report.mutants);
    console.log(`${circuit}: ${killed} of ${judged} sampled mutants killed`, by);
    expect(report.stale).toEqual([]);
    expect(report.constraints.percent, report.constraints.survivors.join("\n")).toBeGreaterThanOrEqual(LEAST_PERCENT);
    expect(percent, report.unreviewed.join("\n")).toBeGreaterThanOrEqual(LEAST_PERCENT);
    expect(report.constraints.judged).toBeGreaterThanOrEqual(SAMPLE);
    expect(report.sources.judged + report.sources.equivalent + report.sources.stillborn).toBe(2);
  });

  it.each(Object.entries(readManifest()))("of %s: the forgeries and the honest inputs are what they are called", { timeout: 120_000 }, async (circuit, { parameters }) => {
    const fixture = fixtureOf(circuit);
    const sizes = { ...parameters, ...fixture.smallParameters };
    const compiled = await compiledForAudit(circuit, sizes);
    for (const { name, inputs } of fixture.honest(sizes)) expect([name, compiled.witness(inputs) !== null]).toEqual([name, true]);
    for (const { name, inputs } of fixture.forged(sizes)) expect([name, compiled.witness(inputs) !== null]).toEqual([name, false]);
  });
});

describe("the generator", () => {
  it("edits every file a circuit includes, each edit once, and only there", async () => {
    const sources = await readSources();
    for (const { file } of Object.values(readManifest())) {
      const mutants = sourceMutants(sources, file);
      expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
      expect(new Set(mutants.map((mutant) => mutant.file))).toEqual(new Set(includedFrom(sources, file)));
      for (const mutant of mutants) expect(mutant.text).not.toBe(sources.get(mutant.file));
    }
  });

  it("drops constraints, widens ranges and swaps operands", () => {
    const text = "template A() {\n  component r = AssertBits(16);\n  r.value <== x;\n  c.left <== a;\n  c.right <== b;\n  a === b;\n}";
    const mutants = sourceMutants(new Map([["entry.circom", 'include "a.circom";'], ["a.circom", text]]), "entry.circom");
    const lines = mutants.flatMap((mutant) => mutant.text.split("\n").filter((line) => !text.includes(`${line}\n`)).map((line) => line.trim()));
    for (const line of ["component r = AssertBits(16 + 8);", "r.value <-- x;", "c.left <== b;", "c.right <== a;", ""]) expect(lines).toContain(line);
  });

  it("samples the same items for the same seed", () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    expect(seededSample(items, 10, "a")).toEqual(seededSample(items, 10, "a"));
    expect(seededSample(items, 10, "a")).not.toEqual(seededSample(items, 10, "b"));
    expect(seededSample(items, 200, "a")).toEqual(items);
  });

  it("scores what lives, and leaves out what does not compile or compiles to the circuit itself", () => {
    const score = scoreOf([
      { name: "a", verdict: { killed: "forgery", by: "x" } },
      { name: "b", verdict: { killed: null } },
      { name: "c", verdict: { killed: "stillborn", by: "y" } },
      { name: "d", verdict: { killed: "equivalent", by: "z" } },
    ]);
    expect(score).toEqual({ judged: 2, killed: 1, by: { forgery: 1 }, stillborn: 1, equivalent: 1, survivors: ["b"], percent: 50 });
    expect(known(score.survivors[0])).toBe("b");
  });
});
