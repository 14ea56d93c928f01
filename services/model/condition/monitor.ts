import { distanceFromBand, isTemperatureOut, isTiltOut } from "./evaluate.ts";
import type { Breach } from "./evaluate.ts";
import { profileLimits } from "./profile.ts";
import type { ConditionProfile } from "./profile.ts";
import { TILT_NOT_MEASURED, decodeTemperature, encodeTemperature, encodeTilt } from "./reading.ts";
import type { Reading } from "./reading.ts";

/** Watches live readings in seconds, ahead of the proofs. */
export interface ConditionMonitor {
  /**
   * Takes a reading and returns the limits it breaks: every gap, and an excursion once per leg and kind, as soon as
   * the seconds exceed the budget. Readings at or before the last one's time are ignored: duplicates and late arrivals.
   */
  observe(reading: Reading): Breach[];
  /** The gap that is open at `nowSeconds`, once; the reading that ends it does not raise it again. */
  silence(nowSeconds: number): Breach[];
  /** Seconds so far and the worst values, also after a breach was raised. */
  totals(): MonitorTotals;
}

export interface MonitorTotals {
  lastSeconds: number | null;
  temperatureExcursionSeconds: number;
  tiltExcursionSeconds: number;
  /** Degrees Celsius farthest out of range, null while none was. */
  worstTemperatureCelsius: number | null;
  /** Greatest tilt beyond the limit in degrees, null while none was or none was measured. */
  worstTiltDegrees: number | null;
}

/** A monitor for one leg. The same rule as the proof, but in seconds as they are, not in ticks. */
export function createConditionMonitor(profile: ConditionProfile): ConditionMonitor {
  const limits = profileLimits(profile);
  const totals: MonitorTotals = {
    lastSeconds: null,
    temperatureExcursionSeconds: 0,
    tiltExcursionSeconds: 0,
    worstTemperatureCelsius: null,
    worstTiltDegrees: null,
  };
  let worstDistance = 0;
  let lastTemperatureOut = false;
  let lastTiltOut = false;
  let gapRaised = false;
  const raised = new Set<Breach["kind"]>();

  function gap(atSeconds: number): Breach[] {
    if (totals.lastSeconds === null || gapRaised) return [];
    const observedSeconds = atSeconds - totals.lastSeconds;
    if (observedSeconds <= profile.longestGapSeconds) return [];
    gapRaised = true;
    return [{ kind: "sensor-gap", atSeconds, observedSeconds, limitSeconds: profile.longestGapSeconds, worst: null }];
  }

  function excursion(kind: "temperature-excursion" | "tilt-excursion", atSeconds: number, observedSeconds: number, limitSeconds: number, worst: number | null): Breach[] {
    if (observedSeconds <= limitSeconds || raised.has(kind)) return [];
    raised.add(kind);
    return [{ kind, atSeconds, observedSeconds, limitSeconds, worst }];
  }

  function observe(reading: Reading): Breach[] {
    const temperature = encodeTemperature(reading.temperatureCelsius);
    const tilt = encodeTilt(reading.tiltDegrees);
    const { timeSeconds } = reading;
    if (totals.lastSeconds !== null && !(timeSeconds > totals.lastSeconds)) return [];
    const breaches = gap(timeSeconds);
    gapRaised = false;

    const stepSeconds = totals.lastSeconds === null ? 0 : timeSeconds - totals.lastSeconds;
    const temperatureOut = isTemperatureOut(temperature, limits);
    const tiltOut = isTiltOut(tilt, limits);
    if (temperatureOut || lastTemperatureOut) totals.temperatureExcursionSeconds += stepSeconds;
    if (tiltOut || lastTiltOut) totals.tiltExcursionSeconds += stepSeconds;
    const distance = distanceFromBand(temperature, limits);
    if (distance > worstDistance) {
      worstDistance = distance;
      totals.worstTemperatureCelsius = decodeTemperature(temperature);
    }
    if (tiltOut && tilt !== TILT_NOT_MEASURED) totals.worstTiltDegrees = Math.max(totals.worstTiltDegrees ?? 0, tilt);
    lastTemperatureOut = temperatureOut;
    lastTiltOut = tiltOut;
    totals.lastSeconds = timeSeconds;

    breaches.push(
      ...excursion("temperature-excursion", timeSeconds, totals.temperatureExcursionSeconds, profile.temperatureBudgetSeconds, totals.worstTemperatureCelsius),
      ...excursion("tilt-excursion", timeSeconds, totals.tiltExcursionSeconds, profile.tiltBudgetSeconds, totals.worstTiltDegrees),
    );
    return breaches;
  }

  return { observe, silence: gap, totals: () => ({ ...totals }) };
}
