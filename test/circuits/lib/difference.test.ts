import { beforeAll, describe, expect, it } from "vitest";
import { invertFieldElement } from "../../../services/model/field.ts";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("AssertDifferent", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("difference.circom", "AssertDifferent()")));

  it.each([
    [5n, 3n],
    [3n, 5n],
    [0n, BigInt(MINUS_ONE)],
  ])("accepts %d and %d with the inverse of their difference, and no other", async (left, right) => {
    const inverse = invertFieldElement(left - right);
    expect(await circuit.refuses({ left, right, inverse })).toBe(false);
    expect(await circuit.refuses({ left, right, inverse: inverse + 1n })).toBe(true);
  });

  it.each([0, 1, MINUS_ONE])("refuses equal elements with the inverse %s", async (inverse) => expect(await circuit.refuses({ left: 7, right: 7, inverse })).toBe(true));
});
