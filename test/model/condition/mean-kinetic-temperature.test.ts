import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanKineticTemperature } from "../../../services/model/condition/index.ts";

const every = (stepSeconds: number, temperatures: readonly number[]) => temperatures.map((temperatureCelsius, index) => ({ timeSeconds: index * stepSeconds, temperatureCelsius }));
const mean = (temperatures: readonly number[], stepSeconds = 3600) => meanKineticTemperature(every(stepSeconds, temperatures), "ambient-ancillary").meanKineticTemperatureCelsius;

/** USP <1079> as it is printed, with ΔH/R = 10,000 K, computed another way: by powers instead of logarithms of sums. */
function printed(temperatures: readonly number[]): number {
  const rates = temperatures.map((celsius) => Math.E ** (-83.144 / (8.3144e-3 * (celsius + 273.15))));
  return 83.144 / 8.3144e-3 / -Math.log(rates.reduce((sum, rate) => sum + rate, 0) / rates.length) - 273.15;
}

const temperatures = fc.array(fc.double({ min: -30, max: 60, noNaN: true }), { minLength: 1, maxLength: 40 });

describe("mean kinetic temperature", () => {
  it("is USP <1079>'s formula at equal steps", () => {
    expect(mean([20, 25, 30])).toBeCloseTo(printed([20, 25, 30]), 9);
    // A week at 20 °C with a day at 30 °C: 22.25 °C, above the plain mean of 21.43 °C.
    expect(mean([20, 20, 20, 20, 20, 20, 30], 86_400)).toBeCloseTo(22.254, 3);
    fc.assert(
      fc.property(temperatures, (some) => {
        expect(mean(some)).toBeCloseTo(printed(some), 6);
      }),
      { seed: 20_260_302 },
    );
  });

  it("lies between the plain mean and the highest", () => {
    fc.assert(
      fc.property(temperatures, (some) => {
        expect(mean(some)).toBeGreaterThanOrEqual(some.reduce((sum, value) => sum + value, 0) / some.length - 1e-6);
        expect(mean(some)).toBeLessThanOrEqual(Math.max(...some) + 1e-6);
      }),
      { seed: 20_260_303 },
    );
  });

  it("weighs readings by their time and takes them in any order", () => {
    const uneven = [{ timeSeconds: 0, temperatureCelsius: 20 }, { timeSeconds: 7200, temperatureCelsius: 30 }, { timeSeconds: 10_800, temperatureCelsius: 20 }];
    const result = meanKineticTemperature(uneven.toReversed(), "ambient-ancillary");
    expect(result.meanKineticTemperatureCelsius).toBeCloseTo(mean([20, 20, 30, 20]), 9);
    expect(result).toMatchObject({ fromSeconds: 0, toSeconds: 10_800, readings: 3 });
  });

  it.each(["live-cells", "frozen-cells"] as const)("is refused as an argument for %s, and says why", (goods) => {
    expect(() => meanKineticTemperature(every(60, [5, 5]), goods)).toThrow(expect.objectContaining({ code: "mean-kinetic-temperature-refused" }));
    expect(() => meanKineticTemperature(every(60, [5, 5]), goods)).toThrow(/no argument for (live|frozen)-cells: .* cells die by thresholds/);
  });

  it("is refused over more time than one mean may speak for", () => {
    expect(() => meanKineticTemperature(every(86_400, [5, 5]), "cool-ancillary")).not.toThrow();
    expect(() => meanKineticTemperature(every(86_401, [5, 5]), "cool-ancillary")).toThrow("a longer mean hides an excursion");
    expect(() => meanKineticTemperature(every(30 * 86_400 + 1, [20, 20]), "ambient-ancillary")).toThrow("speaks for 2592000 s at most");
  });

  it("wants readings", () => {
    expect(() => meanKineticTemperature([], "cool-ancillary")).toThrow(expect.objectContaining({ code: "readings-missing" }));
    expect(mean([21])).toBeCloseTo(21, 9);
  });
});
