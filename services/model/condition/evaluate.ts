import { TILT_NOT_MEASURED, decodeTemperature } from "./reading.ts";
import { TILT_NOT_MONITORED, profileLimits } from "./profile.ts";
import type { ConditionLimits, ConditionProfile } from "./profile.ts";
import type { Segment, SegmentReading } from "./segment.ts";
import type { ConditionState } from "./state.ts";

export type BreachKind = "temperature-excursion" | "tilt-excursion" | "sensor-gap";

/** One broken limit, in seconds since the epoch and seconds of excursion or gap. */
export interface Breach {
  kind: BreachKind;
  /** Time of the reading that broke the limit. */
  atSeconds: number;
  observedSeconds: number;
  limitSeconds: number;
  /** Degrees Celsius farthest out of range, or greatest tilt in degrees; null for a gap or a tilt never measured. */
  worst: number | null;
}

/** What one interval, the one that ends at a reading, adds. */
export interface IntervalFacts {
  atTick: number;
  stepTicks: number;
  temperatureOut: boolean;
  tiltOut: boolean;
  temperatureExcursionTicks: number;
  tiltExcursionTicks: number;
}

export type Evaluation = { ok: true; after: ConditionState } | { ok: false; breaches: Breach[] };

/** Twin of circuits/lib/temperature-band.circom for 16-bit temperatures. */
export function isTemperatureOut(centikelvin: number, limits: Pick<ConditionLimits, "minimumCentikelvin" | "maximumCentikelvin">): boolean {
  return centikelvin < limits.minimumCentikelvin || centikelvin > limits.maximumCentikelvin;
}

/** Twin of circuits/lib/tilt-limit.circom: a tilt not measured (255) is beyond every limit that is monitored. */
export function isTiltOut(tiltDegrees: number, limits: Pick<ConditionLimits, "tiltLimitDegrees">): boolean {
  return tiltDegrees > limits.tiltLimitDegrees;
}

/**
 * Adds a segment to the totals, whatever the budgets say. An interval counts as excursion when either of its
 * two readings is out; the first interval's earlier reading is the last of the state before.
 */
export function advanceState(
  before: ConditionState,
  segment: Pick<Segment, "fromTick" | "readings">,
  profile: ConditionProfile,
): { after: ConditionState; intervals: IntervalFacts[] } {
  const limits = profileLimits(profile);
  const after = { ...before };
  const intervals: IntervalFacts[] = [];
  let atTick = segment.fromTick;
  for (const reading of segment.readings) {
    atTick += reading.stepTicks;
    const temperatureOut = isTemperatureOut(reading.temperatureCentikelvin, limits);
    const tiltOut = isTiltOut(reading.tiltDegrees, limits);
    const temperatureExcursionTicks = temperatureOut || after.lastTemperatureOut ? reading.stepTicks : 0;
    const tiltExcursionTicks = tiltOut || after.lastTiltOut ? reading.stepTicks : 0;
    after.temperatureExcursionTicks += temperatureExcursionTicks;
    after.tiltExcursionTicks += tiltExcursionTicks;
    after.lastTemperatureOut = temperatureOut;
    after.lastTiltOut = tiltOut;
    intervals.push({ atTick, stepTicks: reading.stepTicks, temperatureOut, tiltOut, temperatureExcursionTicks, tiltExcursionTicks });
  }
  return { after, intervals };
}

/** Whether a segment has a proof, and if not every limit it breaks. The circuit accepts exactly the segments that are `ok`. */
export function evaluateSegment(before: ConditionState, segment: Pick<Segment, "fromTick" | "readings">, profile: ConditionProfile): Evaluation {
  const limits = profileLimits(profile);
  const { after, intervals } = advanceState(before, segment, profile);
  const breaches: Breach[] = [];
  for (const interval of intervals)
    if (interval.stepTicks > limits.longestGapTicks)
      breaches.push({
        kind: "sensor-gap",
        atSeconds: interval.atTick * limits.unitSeconds,
        observedSeconds: interval.stepTicks * limits.unitSeconds,
        limitSeconds: profile.longestGapSeconds,
        worst: null,
      });
  const crossing = (kind: BreachKind, ticksBefore: number, budgetTicks: number, limitSeconds: number, added: (interval: IntervalFacts) => number, worst: number | null) => {
    let total = ticksBefore;
    let atTick: number | null = total > budgetTicks ? segment.fromTick : null;
    for (const interval of intervals) {
      total += added(interval);
      if (atTick === null && total > budgetTicks) atTick = interval.atTick;
    }
    if (atTick !== null)
      breaches.push({ kind, atSeconds: atTick * limits.unitSeconds, observedSeconds: total * limits.unitSeconds, limitSeconds, worst });
  };
  crossing("temperature-excursion", before.temperatureExcursionTicks, limits.temperatureBudgetTicks, profile.temperatureBudgetSeconds,
    (interval) => interval.temperatureExcursionTicks, worstTemperature(segment.readings, limits));
  crossing("tilt-excursion", before.tiltExcursionTicks, limits.tiltBudgetTicks, profile.tiltBudgetSeconds,
    (interval) => interval.tiltExcursionTicks, worstTilt(segment.readings));
  return breaches.length === 0 ? { ok: true, after } : { ok: false, breaches };
}

/** Centikelvin outside the band, 0 inside. */
export function distanceFromBand(centikelvin: number, limits: Pick<ConditionLimits, "minimumCentikelvin" | "maximumCentikelvin">): number {
  return Math.max(limits.minimumCentikelvin - centikelvin, centikelvin - limits.maximumCentikelvin, 0);
}

function worstTemperature(readings: readonly SegmentReading[], limits: ConditionLimits): number | null {
  let worst: SegmentReading | null = null;
  for (const reading of readings)
    if (distanceFromBand(reading.temperatureCentikelvin, limits) > (worst === null ? 0 : distanceFromBand(worst.temperatureCentikelvin, limits)))
      worst = reading;
  return worst === null ? null : decodeTemperature(worst.temperatureCentikelvin);
}

function worstTilt(readings: readonly SegmentReading[]): number | null {
  const measured = readings.map((reading) => reading.tiltDegrees).filter((tilt) => tilt !== TILT_NOT_MEASURED);
  return measured.length === 0 ? null : Math.max(...measured);
}

/** True when a profile watches tilt at all. */
export function monitorsTilt(limits: Pick<ConditionLimits, "tiltLimitDegrees">): boolean {
  return limits.tiltLimitDegrees !== TILT_NOT_MONITORED;
}
