import { describe, expect, it } from "vitest";
import { conditionProfileSchema, profileLimits, profileTerms, profileToLedger, timeUnitSeconds, unpackTerms } from "../../../services/model/condition/index.ts";
import { freshProfile } from "../../circuits/support/segments.ts";

describe("timeUnitSeconds", () => {
  it.each([
    [1, 1],
    [255, 1],
    [256, 2],
    [510, 2],
    [511, 3],
    [900, 4],
    [65_535, 257],
  ])("a longest gap of %d s makes a tick of %d s", (gap, unit) => expect(timeUnitSeconds(gap)).toBe(unit));

  it("makes every gap a step of 8 bits", () => {
    for (let gap = 1; gap <= 65_535; gap += 1) {
      const ticks = Math.floor(gap / timeUnitSeconds(gap));
      if (ticks < 1 || ticks > 255) expect.fail(`a gap of ${gap} s is ${ticks} ticks`);
    }
  });
});

describe("conditionProfileSchema", () => {
  it("takes a fresh and a cryogenic profile", () => {
    expect(conditionProfileSchema.parse(freshProfile)).toEqual(freshProfile);
    expect(conditionProfileSchema.safeParse({ ...freshProfile, minimumTemperatureCelsius: -200, maximumTemperatureCelsius: -150, tiltLimitDegrees: null }).success).toBe(true);
  });

  it.each([
    ["a minimum above the maximum", { minimumTemperatureCelsius: 8.01 }],
    ["three decimals", { maximumTemperatureCelsius: 8.005 }],
    ["below absolute zero", { minimumTemperatureCelsius: -273.16 }],
    ["above 16 bits", { maximumTemperatureCelsius: 382.21 }],
    ["a tilt over 180", { tiltLimitDegrees: 181 }],
    ["a fractional tilt", { tiltLimitDegrees: 0.5 }],
    ["no gap", { longestGapSeconds: 0 }],
    ["a gap over 16 bits", { longestGapSeconds: 65_536 }],
    ["a budget over 22 bits of ticks", { temperatureBudgetSeconds: 2 ** 22 }],
    ["a tilt budget over 22 bits of ticks", { tiltBudgetSeconds: 2 ** 22 }],
    ["a negative budget", { temperatureBudgetSeconds: -1 }],
    ["an unknown field", { cadenceSeconds: 60 }],
    ["infinity", { maximumTemperatureCelsius: Infinity }],
  ])("refuses %s", (_what, change) => expect(conditionProfileSchema.safeParse({ ...freshProfile, ...change }).success).toBe(false));

  it("takes the largest budgets that fit", () => {
    expect(conditionProfileSchema.safeParse({ ...freshProfile, temperatureBudgetSeconds: 2 ** 22 - 1 }).success).toBe(true);
    expect(conditionProfileSchema.safeParse({ ...freshProfile, longestGapSeconds: 900, temperatureBudgetSeconds: 4 * 2 ** 22 - 1 }).success).toBe(true);
    expect(conditionProfileSchema.safeParse({ ...freshProfile, longestGapSeconds: 900, temperatureBudgetSeconds: 4 * 2 ** 22 }).success).toBe(false);
  });
});

describe("a profile in the units of ledger and circuit", () => {
  it("keeps seconds on the ledger", () =>
    expect(profileToLedger(freshProfile)).toEqual({
      minimumCentikelvin: 27_515,
      maximumCentikelvin: 28_115,
      tiltLimitDegrees: 30,
      temperatureBudgetSeconds: 600,
      tiltBudgetSeconds: 60,
      longestGapSeconds: 120,
      longestDurationSeconds: 259_200,
    }));

  it("rounds limits down to ticks", () =>
    expect(profileLimits({ ...freshProfile, longestGapSeconds: 902, temperatureBudgetSeconds: 7 })).toMatchObject({ unitSeconds: 4, longestGapTicks: 226, temperatureBudgetTicks: 1 }));

  it("packs terms that unpack to the parts", () =>
    expect(unpackTerms(profileTerms({ ...freshProfile, tiltLimitDegrees: null }, 10, 20))).toEqual({
      minimumCentikelvin: 27_515,
      maximumCentikelvin: 28_115,
      tiltLimitDegrees: 255,
      temperatureBudgetTicks: 600,
      tiltBudgetTicks: 60,
      longestGapTicks: 120,
      fromTick: 10,
      toTick: 20,
    }));

  it("refuses times over 32 bits", () => expect(() => profileTerms(freshProfile, 0, 2 ** 32)).toThrow(RangeError));
});
