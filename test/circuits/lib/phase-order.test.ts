import { beforeAll, describe, expect, it } from "vitest";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

const LARGEST = 2n ** 40n - 1n;
const inOrder = { startedAt: [10n, 20n, 30n], completedAt: [15n, 25n, 35n], signedAt: 40n };

describe("PhaseOrder", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("phase-order.circom", "PhaseOrder(3)")));

  it.each([
    ["phases in order", {}],
    ["phases that touch, the signature too", { startedAt: [10n, 15n, 25n], signedAt: 35n }],
    ["phases without duration", { startedAt: [15n, 25n, 35n] }],
    ["unused places that repeat the time before", { startedAt: [10n, 15n, 15n], completedAt: [15n, 15n, 15n] }],
    ["the first and the last second there is", { startedAt: [1n, 1n, 1n], completedAt: [1n, 1n, LARGEST], signedAt: LARGEST }],
  ])("accepts %s", async (_name, changes) => expect(await circuit.refuses({ ...inOrder, ...changes })).toBe(false));

  it.each([
    ["a first start of 0", { startedAt: [0n, 20n, 30n] }],
    ["nothing recorded", { startedAt: [0n, 0n, 0n], completedAt: [0n, 0n, 0n], signedAt: 0n }],
    ["a later phase not started", { startedAt: [10n, 0n, 30n] }],
    ["a phase not completed", { completedAt: [15n, 0n, 35n] }],
    ["an end a second before the start", { completedAt: [9n, 25n, 35n] }],
    ["a start a second before the end of the phase before", { startedAt: [10n, 14n, 30n] }],
    ["a signature a second before the last end", { signedAt: 34n }],
    ["a signature of 41 bits", { signedAt: LARGEST + 1n }],
    ["a signature of p - 1", { signedAt: MINUS_ONE }],
    ["a start of p - 1", { startedAt: [MINUS_ONE, 20n, 30n] }],
    ["an end of 41 bits", { completedAt: [15n, 25n, LARGEST + 1n], signedAt: LARGEST }],
    ["times that climb round the field's order", { completedAt: [15n, 25n, MINUS_ONE] }],
  ])("refuses %s", async (_name, changes) => expect(await circuit.refuses({ ...inOrder, ...changes })).toBe(true));
});
