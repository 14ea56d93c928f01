import { beforeAll, describe, expect, it } from "vitest";
import { lowIntervalMaximum } from "../../../services/model/condition/circuit-inputs.ts";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("LongestGap", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("longest-gap.circom", "LongestGap(2)")));

  const provable = async (longestGapTicks: number, step: number | string): Promise<boolean> => {
    for (const stepIsHigh of [0, 1])
      if (!(await circuit.refuses({ longestGapTicks, stepTicks: [step, 0], stepIsHigh: [stepIsHigh, 0] }))) return true;
    return false;
  };

  it.each([0, 1, 2, 3, 7, 8, 60, 63, 64, 100, 126, 127, 128, 129, 200, 254, 255])("accepts exactly 0..%d", async (limit) => {
    const candidates = new Set([0, 1, 2, limit - 1, limit, limit + 1, limit + 2, 2 * limit, 2 * limit + 1, 63, 64, 127, 128, 255, 256].filter((step) => step >= 0));
    for (const step of candidates) expect([step, await provable(limit, step)]).toEqual([step, step <= limit]);
  });

  it("accepts every step of every limit with the bit the model chooses", async () => {
    for (const limit of [0, 1, 5, 64, 127, 200, 255])
      for (let step = 0; step <= limit; step += Math.max(1, Math.floor(limit / 7)))
        expect(await circuit.refuses({ longestGapTicks: limit, stepTicks: [step, 0], stepIsHigh: [step > lowIntervalMaximum(limit) ? 1 : 0, 0] })).toBe(false);
  });

  it.each([MINUS_ONE, "256", String(2n ** 200n)])("refuses a step of %s under every limit tried", async (step) => {
    for (const limit of [0, 1, 100, 255]) expect(await provable(limit, step)).toBe(false);
  });

  it("refuses a choice that is no bit, and a limit over 8 bits", async () => {
    expect(await circuit.refuses({ longestGapTicks: 100, stepTicks: [1, 0], stepIsHigh: [2, 0] })).toBe(true);
    expect(await circuit.refuses({ longestGapTicks: 256, stepTicks: [1, 0], stepIsHigh: [0, 0] })).toBe(true);
    expect(await circuit.refuses({ longestGapTicks: MINUS_ONE, stepTicks: [1, 0], stepIsHigh: [0, 0] })).toBe(true);
  });
});
