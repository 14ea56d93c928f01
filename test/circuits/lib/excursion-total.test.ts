import { beforeAll, describe, expect, it } from "vitest";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("ExcursionTotal", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("excursion-total.circom", "ExcursionTotal(4)")));

  it.each([
    [0, [0, 0, 0, 0], 0n],
    [0, [0, 1, 0, 0], 2n + 4n],
    [0, [1, 1, 1, 1], 15n],
    [1, [0, 0, 0, 0], 1n],
    [1, [0, 0, 0, 1], 1n + 8n],
    [0, [0, 0, 0, 1], 8n],
  ])("counts an interval when either end is out: before %d, flags %j", async (previousFlag, flag, total) =>
    expect(await circuit.read({ previousFlag, flag, stepTicks: [1, 2, 4, 8] }, "totalTicks")).toBe(total));
});
