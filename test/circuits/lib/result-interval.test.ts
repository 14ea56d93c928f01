import { beforeAll, describe, expect, it } from "vitest";
import { resultInterval } from "../../../services/model/quality/index.ts";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

const LARGEST = 2n ** 64n - 1n;

describe("ResultInterval", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("result-interval.circom", "ResultInterval()")));

  it.each([0n, 1n, 2n ** 63n, LARGEST])("opens %d as the model does", async (value) => {
    for (const [isLessThan, isGreaterThan] of [[false, false], [true, false], [false, true]] as const) {
      const inputs = { value, isLessThan: Number(isLessThan), isGreaterThan: Number(isGreaterThan) };
      const { low, high } = resultInterval({ value, isLessThan, isGreaterThan, isPresent: true });
      expect([await circuit.read(inputs, "low"), await circuit.read(inputs, "high")]).toEqual([low, high]);
    }
  });

  it.each([LARGEST + 1n, LARGEST + 6n, MINUS_ONE])("refuses the value %s", async (value) => expect(await circuit.refuses({ value, isLessThan: 0, isGreaterThan: 0 })).toBe(true));

  it.each([
    [1, 1],
    [2, 0],
    [0, 2],
    [MINUS_ONE, 0],
    [0, MINUS_ONE],
  ])("refuses the qualifier bits %s and %s", async (isLessThan, isGreaterThan) => expect(await circuit.refuses({ value: 5, isLessThan, isGreaterThan })).toBe(true));
});
