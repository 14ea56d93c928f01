import { beforeAll, describe, expect, it } from "vitest";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("AssertBits", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("range.circom", "AssertBits(22)")));

  it.each([0, 1, 2 ** 22 - 1])("accepts %d", async (value) => expect(await circuit.refuses({ value })).toBe(false));
  it.each([2 ** 22, 2 ** 22 + 1, MINUS_ONE])("refuses %s", async (value) => expect(await circuit.refuses({ value })).toBe(true));
});

describe("ToBits", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("range.circom", "ToBits(8)")));

  it("splits low bit first", async () => {
    expect(await circuit.read({ value: 0b1000_0001 }, "out[0]")).toBe(1n);
    expect(await circuit.read({ value: 0b1000_0001 }, "out[1]")).toBe(0n);
    expect(await circuit.read({ value: 0b1000_0001 }, "out[7]")).toBe(1n);
  });
  it.each([256, MINUS_ONE])("refuses %s", async (value) => expect(await circuit.refuses({ value })).toBe(true));
});

describe("AssertBit", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("range.circom", "AssertBit()")));

  it.each([0, 1])("accepts %d", async (value) => expect(await circuit.refuses({ value })).toBe(false));
  it.each([2, MINUS_ONE])("refuses %s", async (value) => expect(await circuit.refuses({ value })).toBe(true));
});

describe("WindowedLessThan", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("range.circom", "WindowedLessThan(8)")));

  it.each([
    [0, 0, 0n],
    [0, 1, 1n],
    [1, 0, 0n],
    [254, 255, 1n],
    [255, 255, 0n],
    [255, 0, 0n],
    [0, 255, 1n],
  ])("compares %d with %d", async (left, right, expected) => expect(await circuit.read({ left, right }, "out")).toBe(expected));
  it("takes p - 1 as -1, which is smaller than 0", async () => expect(await circuit.read({ left: MINUS_ONE, right: 0 }, "out")).toBe(1n));
  it.each([
    [256, 0],
    [0, 257],
    [MINUS_ONE, 256],
  ])("has no witness for the difference of %s and %s", async (left, right) => expect(await circuit.refuses({ left, right })).toBe(true));
});

describe("AssertAtMost", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("range.circom", "AssertAtMost(22)")));

  it.each([
    [0, 0],
    [5, 5],
    [5, 6],
    [0, 2 ** 22 - 1],
  ])("accepts %d <= %d", async (left, right) => expect(await circuit.refuses({ left, right })).toBe(false));
  it.each([
    [1, 0],
    [6, 5],
    [2 ** 22 - 1, 2 ** 22 - 2],
  ])("refuses %d <= %d", async (left, right) => expect(await circuit.refuses({ left, right })).toBe(true));
});
