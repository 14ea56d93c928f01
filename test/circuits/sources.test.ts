import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CIRCUIT_NAMES } from "../../services/model/circuit-inputs.ts";
import type { CircuitName } from "../../services/model/circuit-inputs.ts";
import { CONDITION_SEGMENT } from "../../services/model/condition/index.ts";
import { IDENTITY_LINK } from "../../services/model/identity/index.ts";
import { BATCH_RELEASE, MOST_PHASES, MOST_TESTS } from "../../services/model/quality/index.ts";
import { directoriesOf, projectRoot, readManifest } from "../../scripts/circuits/manifest.ts";
import { projectCircuit } from "./support/circuit-tester.ts";
import type { CircuitTester } from "./support/circuit-tester.ts";

const { circuitsDirectory } = directoriesOf(projectRoot);
const sources = readdirSync(circuitsDirectory, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".circom"))
  .map((file): [string, string] => [file, readFileSync(join(circuitsDirectory, file), "utf8")]);
const withoutComments = (text: string): string => text.replace(/\/\/.*$/gm, "");

describe("circuit sources", () => {
  it.each(sources)("%s assigns no unconstrained signal", (_file, text) => expect(withoutComments(text)).not.toMatch(/<--|-->/));

  it.each(sources.filter(([file]) => file !== join("lib", "range.circom")))("%s names no bare comparator or decomposition", (_file, text) =>
    expect(withoutComments(text)).not.toMatch(/\b(Num2Bits|Bits2Num|LessThan|LessEqThan|GreaterThan|GreaterEqThan|IsZero|IsEqual)\b|comparators\.circom|bitify\.circom/));

  it.each(sources.filter(([file]) => file.startsWith("lib")))("%s documents every template and each of its signals", (_file, text) => {
    for (const template of text.matchAll(/((?:^\/\/\/.*\n)+)^template (\w+)\(.*\{([\s\S]*?)^\}/gm)) {
      const [, documentation = "", name = "", body = ""] = template;
      expect([name, documentation.includes("@title")]).toEqual([name, true]);
      for (const [, direction, signal] of body.matchAll(/signal (input|output) (\w+)/g))
        expect(documentation, `${name}.${signal}`).toMatch(new RegExp(`@${direction} [^\\n]*\\b${signal}\\b`));
    }
    expect([...text.matchAll(/^template /gm)].length).toBe([...text.matchAll(/(?:^\/\/\/.*\n)^template /gm)].length);
  });
});

const measurements = JSON.parse(readFileSync(join(circuitsDirectory, "measurements.json"), "utf8")) as Record<CircuitName, { constraints: number; domain: number }> & {
  "condition-segment": { readings: number; fixed: number; perReading: number };
  "batch-release": { parts: { times: number; constraints: number }[] };
};

describe.each(CIRCUIT_NAMES)("the compiled %s", (name) => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit(name)));
  const measured = measurements[name];

  it("has the constraints that are published, and fits the domain and phase 1", () => {
    expect(circuit.system.constraints.length).toBe(measured.constraints);
    expect(circuit.system.constraints.length + circuit.system.publicInputs + 1).toBeLessThanOrEqual(measured.domain);
    expect(measured.domain).toBeLessThanOrEqual(2 ** (readManifest()[name]?.phaseOnePower ?? 0));
  });

  it("has every public input in some constraint, and as many as the manifest says", () => {
    const used = new Set(circuit.system.constraints.flatMap((sides) => sides.flatMap((side) => side.map((term) => term.wire))));
    for (let wire = 1; wire <= circuit.system.publicInputs; wire += 1) expect(used.has(wire)).toBe(true);
    expect(circuit.system.publicInputs).toBe(readManifest()[name]?.publicSignals.length);
  });
});

describe("the model", () => {
  it("names the circuits of the manifest", () => expect(Object.keys(readManifest())).toEqual([...CIRCUIT_NAMES]));

  it("says how many readings, tests and phases a proof covers, and no fewer than promised", () => {
    const { readings, fixed, perReading, constraints } = measurements["condition-segment"];
    expect(constraints).toBeCloseTo(fixed + perReading * readings, 0);
    expect(readings).toBe(CONDITION_SEGMENT.parameters.readings);
    for (const twin of [CONDITION_SEGMENT, IDENTITY_LINK, BATCH_RELEASE]) expect(readManifest()[twin.name]?.parameters).toEqual(twin.parameters);
    expect(readings).toBeGreaterThanOrEqual(150);
    expect(MOST_TESTS).toBeGreaterThanOrEqual(16);
    expect(MOST_PHASES).toBeGreaterThanOrEqual(32);
  });

  it("knows what the parts of batch-release cost: nothing beside them", () => {
    const parts = measurements["batch-release"].parts.reduce((sum, part) => sum + part.times * part.constraints, 0);
    expect(Math.abs(parts - measurements["batch-release"].constraints)).toBeLessThanOrEqual(20);
  });
});
