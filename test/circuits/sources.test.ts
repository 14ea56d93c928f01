import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CONDITION_SEGMENT } from "../../services/model/condition/index.ts";
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

describe("the compiled circuit", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit()));
  const measured = JSON.parse(readFileSync(join(circuitsDirectory, "measurements.json"), "utf8")) as { constraints: number; readings: number; fixed: number; perReading: number; domain: number };

  it("has the constraints that are published, and fits the domain", () => {
    expect(circuit.system.constraints.length).toBe(measured.constraints);
    expect(measured.constraints).toBeCloseTo(measured.fixed + measured.perReading * measured.readings, 0);
    expect(circuit.system.constraints.length + circuit.system.publicInputs + 1).toBeLessThanOrEqual(measured.domain);
  });

  it("covers the readings the model says, at least 150", () => {
    expect(measured.readings).toBe(CONDITION_SEGMENT.parameters.readings);
    expect(readManifest()["condition-segment"]?.parameters.readings).toBe(CONDITION_SEGMENT.parameters.readings);
    expect(CONDITION_SEGMENT.parameters.readings).toBeGreaterThanOrEqual(150);
  });

  it("has every public input in some constraint", () => {
    const used = new Set(circuit.system.constraints.flatMap((sides) => sides.flatMap((side) => side.map((term) => term.wire))));
    for (let wire = 1; wire <= circuit.system.publicInputs; wire += 1) expect(used.has(wire)).toBe(true);
  });
});
