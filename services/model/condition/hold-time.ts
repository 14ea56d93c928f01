import { z } from "zod";
import { encodeTilt } from "./reading.ts";

const UPRIGHT = 1;

const tiltBandSchema = z.strictObject({
  /** Degrees from vertical from which on this rate holds. */
  fromDegrees: z.number().min(0).max(180),
  /** Seconds of hold time used up per second. */
  burnRate: z.number().min(1).max(10_000),
});

/**
 * What the maker of a dry shipper, or its qualification, says of how long it stays cold (ISO 21973 asks for it). A
 * shipper on its side or upside down loses its vapour faster: each band of tilt has its rate, upright is 1.
 */
export const holdTimeSchema = z
  .strictObject({
    /** Static hold time of a freshly charged shipper that stands upright. */
    nominalHoldSeconds: z.int().min(1).max(0xffff_ffff),
    tiltBands: z.array(tiltBandSchema).min(1).max(16),
  })
  .superRefine(({ tiltBands }, context) => {
    const [first] = tiltBands;
    if (first?.fromDegrees !== 0 || first.burnRate !== 1)
      context.addIssue({ code: "custom", path: ["tiltBands", 0], message: "the first band is upright: from 0 degrees, rate 1" });
    tiltBands.forEach((band, index) => {
      const before = tiltBands[index - 1];
      if (before !== undefined && (band.fromDegrees <= before.fromDegrees || band.burnRate < before.burnRate))
        context.addIssue({ code: "custom", path: ["tiltBands", index], message: "each band starts at a greater tilt and burns no slower than the one before" });
    });
  });

export type HoldTime = z.output<typeof holdTimeSchema>;

/** How much of its hold time a shipper has used. Times in Unix seconds. */
export interface HoldTimeState {
  lastSeconds: number;
  /** Seconds of nominal hold time used up. */
  burntSeconds: number;
  /** Rate at the last reading; null before the first. */
  burnRate: number | null;
  /** When nothing was left; null while something is. */
  exhaustedAt: number | null;
}

/** A shipper charged at `chargedAt`. Until its first reading it is taken to stand upright, as in a depot. */
export function holdTimeAtCharge(chargedAt: number): HoldTimeState {
  return { lastSeconds: chargedAt, burntSeconds: 0, burnRate: null, exhaustedAt: null };
}

/** Rate at a tilt in degrees from vertical; a tilt that was not measured burns as the worst one. */
export function burnRateAt({ tiltBands }: HoldTime, tiltDegrees: number | null): number {
  if (tiltDegrees === null) return tiltBands.at(-1)?.burnRate ?? 1;
  encodeTilt(tiltDegrees);
  return tiltBands.findLast((band) => band.fromDegrees <= tiltDegrees)?.burnRate ?? 1;
}

/**
 * Takes a reading. The time since the one before burns at the higher of the two rates, as an excursion counts the
 * steps on both sides of a bad reading. Readings at or before the last one's time are ignored: duplicates, late arrivals.
 */
export function burnHoldTime(holdTime: HoldTime, state: HoldTimeState, reading: { timeSeconds: number; tiltDegrees: number | null }): HoldTimeState {
  const rate = burnRateAt(holdTime, reading.tiltDegrees);
  const stepSeconds = reading.timeSeconds - state.lastSeconds;
  if (stepSeconds === 0 && state.burnRate === null) return { ...state, burnRate: rate };
  if (!(stepSeconds > 0)) return state;
  const stepRate = state.burnRate === null ? UPRIGHT : Math.max(rate, state.burnRate);
  return { ...burnt(holdTime, state, stepSeconds, stepRate), lastSeconds: reading.timeSeconds, burnRate: rate };
}

/** Seconds of nominal hold time left at a moment, burning on from the last reading at its rate; never below 0. */
export function holdTimeRemaining(holdTime: HoldTime, state: HoldTimeState, atSeconds: number = state.lastSeconds): number {
  const later = burnt(holdTime, state, Math.max(0, atSeconds - state.lastSeconds), state.burnRate ?? UPRIGHT);
  return Math.max(0, holdTime.nominalHoldSeconds - later.burntSeconds);
}

/** When the shipper is empty, or was: by the readings so far and then at the last one's rate. */
export function holdTimeEndsAt(holdTime: HoldTime, state: HoldTimeState): number {
  if (state.exhaustedAt !== null) return state.exhaustedAt;
  return state.lastSeconds + (holdTime.nominalHoldSeconds - state.burntSeconds) / (state.burnRate ?? UPRIGHT);
}

/** Hold time a lane needs from the shipper's assignment on: the planned time, and the margin's share of it as a reserve to the end. */
export interface LanePlan {
  plannedSeconds: number;
  /** At least 1: 1.5 keeps half of the planned time in reserve. */
  holdTimeMargin: number;
}

/** Hold time that ought to be left `elapsedSeconds` after the assignment: the way still planned, and the reserve. */
export function holdTimeNeeded(lane: LanePlan, elapsedSeconds: number): number {
  const ahead = Math.max(0, lane.plannedSeconds - Math.max(0, elapsedSeconds));
  return ahead + lane.plannedSeconds * (lane.holdTimeMargin - 1);
}

function burnt({ nominalHoldSeconds }: HoldTime, state: HoldTimeState, seconds: number, rate: number): HoldTimeState {
  const burntSeconds = state.burntSeconds + seconds * rate;
  if (state.exhaustedAt !== null || burntSeconds < nominalHoldSeconds) return { ...state, burntSeconds };
  return { ...state, burntSeconds, exhaustedAt: state.lastSeconds + (nominalHoldSeconds - state.burntSeconds) / rate };
}
