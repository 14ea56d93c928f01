import { beforeAll, describe, expect, it } from "vitest";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("TiltLimit", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("tilt-limit.circom", "TiltLimit()")));

  it.each([
    [0, 30, 0n],
    [30, 30, 0n],
    [31, 30, 1n],
    [180, 30, 1n],
    [255, 180, 1n],
    [0, 0, 0n],
    [1, 0, 1n],
    [255, 255, 0n],
    [180, 255, 0n],
  ])("says of %d degrees against %d whether it is beyond: %d", async (tilt, limit, beyond) =>
    expect(await circuit.read({ tilt, limit }, "isBeyond")).toBe(beyond));
  it.each([256, 511, MINUS_ONE])("refuses a tilt of %s", async (tilt) => expect(await circuit.refuses({ tilt, limit: 30 })).toBe(true));
});
