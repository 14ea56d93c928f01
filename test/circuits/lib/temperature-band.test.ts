import { beforeAll, describe, expect, it } from "vitest";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { MINUS_ONE, libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("TemperatureBand", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("temperature-band.circom", "TemperatureBand()")));
  const band = { minimum: 27_515, maximum: 28_115 };

  it.each([
    [27_515, 0n],
    [28_115, 0n],
    [27_800, 0n],
    [27_514, 1n],
    [28_116, 1n],
    [0, 1n],
    [65_535, 1n],
  ])("says of %d centikelvin whether it is outside: %d", async (temperature, outside) =>
    expect(await circuit.read({ temperature, ...band }, "isOutside")).toBe(outside));

  it.each([
    [0, 0],
    [0, 65_535],
    [65_535, 65_535],
    [27_515, 28_115],
  ])("never takes p - 1, 2^16 or a wrapped value as within [%d, %d]", async (minimum, maximum) => {
    for (const temperature of [MINUS_ONE, FIELD_ORDER - 2n ** 16n, FIELD_ORDER - 1000n, 65_536n, 65_536n + 27_800n, 2n ** 17n, 2n ** 252n]) {
      const inputs = { temperature: String(temperature), minimum, maximum };
      if (!(await circuit.refuses(inputs))) expect(await circuit.read(inputs, "isOutside")).toBe(1n);
    }
  });

  it("holds every 16-bit temperature in its window, whatever the band", async () => {
    for (const [minimum, maximum] of [[0, 0], [0, 65_535], [65_535, 65_535]] as const)
      for (const temperature of [0, 65_535]) expect(await circuit.refuses({ temperature, minimum, maximum })).toBe(false);
  });
});
