import { beforeAll, describe, expect, it } from "vitest";
import { packTerms, unpackTerms } from "../../../services/model/condition/index.ts";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("ConditionTerms", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("condition-terms.circom", "ConditionTerms()")));

  const terms = {
    minimumCentikelvin: 27_515,
    maximumCentikelvin: 28_115,
    tiltLimitDegrees: 30,
    temperatureBudgetTicks: 600,
    tiltBudgetTicks: 60,
    longestGapTicks: 120,
    fromTick: 1_700_000_000,
    toTick: 1_700_009_000,
  };
  const largest = {
    minimumCentikelvin: 65_535,
    maximumCentikelvin: 65_535,
    tiltLimitDegrees: 255,
    temperatureBudgetTicks: 2 ** 22 - 1,
    tiltBudgetTicks: 2 ** 22 - 1,
    longestGapTicks: 255,
    fromTick: 2 ** 32 - 1,
    toTick: 2 ** 32 - 1,
  };

  it("packs as the model does", async () => {
    expect(await circuit.read(terms, "terms")).toBe(packTerms(terms));
    expect(await circuit.read(largest, "terms")).toBe(2n ** 156n - 1n);
    expect(unpackTerms(packTerms(terms))).toEqual(terms);
  });

  it("refuses a minimum above the maximum", async () => {
    expect(await circuit.refuses({ ...terms, minimumCentikelvin: 28_116 })).toBe(true);
    expect(await circuit.refuses({ ...terms, minimumCentikelvin: 28_115 })).toBe(false);
  });

  it.each(Object.keys(terms).filter((name) => name !== "longestGapTicks") as (keyof typeof terms)[])("refuses a %s one over its bits, or p - 1", async (name) => {
    expect(await circuit.refuses({ ...largest, [name]: largest[name] + 1 })).toBe(true);
    expect(await circuit.refuses({ ...largest, [name]: MINUS_ONE })).toBe(true);
  });
});
