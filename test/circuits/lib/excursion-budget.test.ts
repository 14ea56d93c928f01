import { beforeAll, describe, expect, it } from "vitest";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("ExcursionBudget", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("excursion-budget.circom", "ExcursionBudget()")));
  const largest = 2 ** 22 - 1;

  it.each([
    [0, 0, 0],
    [100, 20, 120],
    [largest, 0, largest],
    [0, 40_035, largest],
  ])("accepts %d + %d within %d", async (totalBefore, addedTicks, budgetTicks) =>
    expect(await circuit.read({ totalBefore, addedTicks, budgetTicks }, "totalAfter")).toBe(BigInt(totalBefore + addedTicks)));
  it.each([
    [0, 1, 0],
    [100, 21, 120],
    [largest, 1, largest],
    [largest, 40_035, 0],
  ])("refuses %d + %d against %d", async (totalBefore, addedTicks, budgetTicks) =>
    expect(await circuit.refuses({ totalBefore, addedTicks, budgetTicks })).toBe(true));
});
