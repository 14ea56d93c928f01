import { z } from "zod";
import { CONDITION_SEGMENT, packTerms } from "./signals.generated.ts";
import type { ConditionSegmentTerms } from "./signals.generated.ts";
import { celsiusToCentikelvin } from "./reading.ts";

/** Tilt limit code for "not monitored"; in a reading the same code means "not measured". */
export const TILT_NOT_MONITORED = 255;

/** Steps are of 8 bits: no gap may be longer than this many ticks. */
export const LONGEST_STEP_TICKS = 255;

const BUDGET_BITS = 22;
const uint32 = z.int().min(0).max(0xffff_ffff);
const temperature = z
  .number()
  .min(-273.15)
  .max(382.2)
  .refine((celsius) => Number(celsius.toFixed(2)) === celsius, "a temperature limit has at most two decimals");

/** What a leg demands of its readings. Temperatures in degrees Celsius, times in seconds, tilt in degrees from vertical. */
export const conditionProfileSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name is lower-case letters, digits and hyphens"),
    minimumTemperatureCelsius: temperature,
    maximumTemperatureCelsius: temperature,
    /** Total seconds out of the temperature range a leg may have; 0 is strict. */
    temperatureBudgetSeconds: uint32,
    /** Degrees from vertical; null: tilt is not monitored. */
    tiltLimitDegrees: z.int().min(0).max(180).nullable(),
    tiltBudgetSeconds: uint32,
    longestGapSeconds: z.int().min(1).max(0xffff),
    longestDurationSeconds: z.int().min(1).max(0xffff_ffff),
  })
  .superRefine((profile, context) => {
    if (profile.minimumTemperatureCelsius > profile.maximumTemperatureCelsius)
      context.addIssue({ code: "custom", path: ["minimumTemperatureCelsius"], message: "the minimum is above the maximum" });
    const unit = timeUnitSeconds(profile.longestGapSeconds);
    for (const budget of ["temperatureBudgetSeconds", "tiltBudgetSeconds"] as const)
      if (toTicks(profile[budget], unit) >= 2 ** BUDGET_BITS)
        context.addIssue({
          code: "custom",
          path: [budget],
          message: `at most ${2 ** BUDGET_BITS * unit - 1} seconds with a longest gap of ${profile.longestGapSeconds} s`,
        });
  });

export type ConditionProfile = z.output<typeof conditionProfileSchema>;

/**
 * Seconds per tick: ceil(longestGapSeconds / 255), so that the longest gap is a step of 8 bits.
 * 1 s up to a gap of 255 s, 4 s for 15 minutes.
 */
export function timeUnitSeconds(longestGapSeconds: number): number {
  return Math.ceil(longestGapSeconds / LONGEST_STEP_TICKS);
}

/** Whole ticks in a time or duration, rounded down. */
export function toTicks(seconds: number, unitSeconds: number): number {
  return Math.floor(seconds / unitSeconds);
}

/** A profile as the ledger stores it; seconds stay seconds, the contract converts to ticks by the same rule. */
export function profileToLedger(profile: ConditionProfile) {
  return {
    minimumCentikelvin: celsiusToCentikelvin(profile.minimumTemperatureCelsius),
    maximumCentikelvin: celsiusToCentikelvin(profile.maximumTemperatureCelsius),
    tiltLimitDegrees: profile.tiltLimitDegrees ?? TILT_NOT_MONITORED,
    temperatureBudgetSeconds: profile.temperatureBudgetSeconds,
    tiltBudgetSeconds: profile.tiltBudgetSeconds,
    longestGapSeconds: profile.longestGapSeconds,
    longestDurationSeconds: profile.longestDurationSeconds,
  };
}

export type LedgerConditionProfile = ReturnType<typeof profileToLedger>;

/** The profile in the circuit's units, centikelvin, degrees and ticks, and the seconds in a tick. */
export function profileLimits(profile: ConditionProfile) {
  return { unitSeconds: timeUnitSeconds(profile.longestGapSeconds), ...circuitLimits(profile) };
}

/** The parts of the public signal `terms` that come from the profile. */
export function circuitLimits(profile: ConditionProfile): Omit<ConditionSegmentTerms, "fromTick" | "toTick"> {
  const ledger = profileToLedger(profile);
  const unitSeconds = timeUnitSeconds(ledger.longestGapSeconds);
  return {
    minimumCentikelvin: ledger.minimumCentikelvin,
    maximumCentikelvin: ledger.maximumCentikelvin,
    tiltLimitDegrees: ledger.tiltLimitDegrees,
    temperatureBudgetTicks: toTicks(ledger.temperatureBudgetSeconds, unitSeconds),
    tiltBudgetTicks: toTicks(ledger.tiltBudgetSeconds, unitSeconds),
    // Rounded up: readings a lawful gap apart may be a tick further apart once both are rounded down.
    longestGapTicks: Math.ceil(ledger.longestGapSeconds / unitSeconds),
  };
}

export type ConditionLimits = ReturnType<typeof profileLimits>;

/** The public signal `terms` of a segment from `fromTick` to `toTick` under this profile. */
export function profileTerms(profile: ConditionProfile, fromTick: number, toTick: number): bigint {
  return packTerms({ ...circuitLimits(profile), fromTick, toTick });
}

/** Readings one proof covers. */
export const READINGS_PER_SEGMENT: number = CONDITION_SEGMENT.parameters.readings;
