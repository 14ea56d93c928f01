import { beforeAll, describe, expect, it } from "vitest";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

const LARGEST = 2n ** 64n - 1n;
const within = { minimum: 10n, maximum: 20n, isMandatory: 1, low: 15n, high: 15n, isPresent: 1 };

describe("AcceptanceCriterion", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("acceptance-criterion.circom", "AcceptanceCriterion()")));

  it.each([
    ["a value within", {}],
    ["both ends at the limits", { low: 10n, high: 20n }],
    ["everything under open limits", { minimum: 0n, maximum: LARGEST, low: 0n, high: LARGEST }],
    ["the one value allowed", { minimum: 15n, maximum: 15n }],
    ["an optional test that is absent, whatever stands there", { isMandatory: 0, isPresent: 0, low: 0n, high: LARGEST }],
    ["an optional test that is within", { isMandatory: 0 }],
    ["nothing in an unused place", { minimum: 1n, maximum: 0n, isMandatory: 0, isPresent: 0, low: 0n, high: 0n }],
  ])("accepts %s", async (_name, changes) => expect(await circuit.refuses({ ...within, ...changes })).toBe(false));

  it.each([
    ["one below the minimum", { low: 9n, high: 9n }],
    ["one above the maximum", { low: 21n, high: 21n }],
    ["an interval that begins below", { low: 9n }],
    ["an interval that ends above", { high: 21n }],
    ["the farthest from either limit", { minimum: LARGEST, maximum: LARGEST, low: 0n, high: 0n }],
    ["the farthest from the other", { minimum: 0n, maximum: 0n, low: LARGEST, high: LARGEST }],
    ["an optional test that is out", { isMandatory: 0, low: 9n }],
    ["a mandatory test that is absent", { isPresent: 0 }],
    ["anything in an unused place", { minimum: 1n, maximum: 0n, isMandatory: 0, low: 0n, high: LARGEST }],
    ["a mandatory mark of 2", { isMandatory: 2 }],
    ["a presence of 2", { isMandatory: 0, isPresent: 2 }],
    ["a presence of -1 that turns two failures into none", { isMandatory: 0, isPresent: MINUS_ONE, low: 0n, high: 30n }],
    ["a presence of p - 1", { isMandatory: 0, isPresent: MINUS_ONE }],
    ["a minimum of 2^64, absent", { isMandatory: 0, isPresent: 0, minimum: LARGEST + 1n }],
    ["a maximum of 2^64", { maximum: LARGEST + 1n }],
    ["a minimum of p - 1", { minimum: MINUS_ONE }],
    ["a maximum of p - 1, absent", { isMandatory: 0, isPresent: 0, maximum: MINUS_ONE }],
  ])("refuses %s", async (_name, changes) => expect(await circuit.refuses({ ...within, ...changes })).toBe(true));
});
