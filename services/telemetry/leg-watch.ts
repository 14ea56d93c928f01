import { createHoldTimeWatch } from "./hold-time-watch.ts";
import { createConditionMonitor } from "../model/condition/index.ts";
import type { Breach, Reading } from "../model/condition/index.ts";
import type { NewException } from "../store/exception-details.ts";
import { calibrationException, excursionException, gapException } from "./exceptions.ts";
import type { AssignedLeg } from "./leg-directory.ts";

export interface Calibration {
  calibratedFrom: number;
  calibratedUntil: number;
}

/** Judges one leg's readings as they come. What it returns it returns once; the caller records it. */
export interface LegWatch {
  /** Readings of one message, in the device's order. */
  feed(leg: AssignedLeg, readings: readonly Reading[], calibration: Calibration | null, receivedAtMilliseconds: number): NewException[];
  /** What the clock and the captured steps show: a late start, a silent device, an early end. */
  inspect(leg: AssignedLeg, now: { milliseconds: number; watchdogSeconds: number; endGraceSeconds: number }): NewException[];
  lastSeconds(): number | null;
  /** How many shippers the watch has counted in; with another it has to be made anew. */
  shippers: number;
}

export function createLegWatch({ profile, shippers }: Pick<AssignedLeg, "profile" | "shippers">): LegWatch {
  const monitor = createConditionMonitor(profile);
  const holdTime = createHoldTimeWatch(shippers);
  const told = new Set<string>();
  let firstSeconds: number | null = null;
  let receivedAtSeconds = 0;

  const lastSeconds = () => monitor.totals().lastSeconds;
  const once = (exceptions: readonly NewException[]) =>
    exceptions.filter(({ code, key }) => {
      const isNew = !told.has(`${code}:${key}`);
      told.add(`${code}:${key}`);
      return isNew;
    });

  function fromBreach(leg: AssignedLeg, breach: Breach): NewException[] {
    if (breach.kind !== "sensor-gap") return [excursionException(leg, breach)];
    if (leg.startedAt !== null && breach.atSeconds <= leg.startedAt) return [];
    return [gapException(leg, breach.atSeconds - breach.observedSeconds, breach.observedSeconds)];
  }

  function feed(leg: AssignedLeg, readings: readonly Reading[], calibration: Calibration | null, receivedAtMilliseconds: number): NewException[] {
    const exceptions: NewException[] = [];
    receivedAtSeconds = receivedAtMilliseconds / 1000;
    for (const reading of readings) {
      if (leg.endedAt !== null && reading.timeSeconds > leg.endedAt) continue;
      firstSeconds ??= reading.timeSeconds;
      if (calibration !== null && !isCalibrated(calibration, reading.timeSeconds))
        exceptions.push(calibrationException(leg, reading.timeSeconds, calibration));
      exceptions.push(...holdTime.feed(leg, reading));
      exceptions.push(...monitor.observe(reading).flatMap((breach) => fromBreach(leg, breach)));
    }
    return once(exceptions);
  }

  function inspect(leg: AssignedLeg, now: { milliseconds: number; watchdogSeconds: number; endGraceSeconds: number }): NewException[] {
    const longest = leg.profile.longestGapSeconds;
    const nowSeconds = now.milliseconds / 1000;
    const last = lastSeconds();
    const exceptions: NewException[] = [];
    if (leg.startedAt !== null && firstSeconds !== null && firstSeconds > leg.startedAt + longest)
      exceptions.push(gapException(leg, leg.startedAt, firstSeconds - leg.startedAt));
    if (leg.startedAt !== null && leg.endedAt === null) exceptions.push(...silence(leg, leg.startedAt, nowSeconds, longest + now.watchdogSeconds));
    const endIsDue = leg.endRecordedAtMilliseconds !== null && now.milliseconds >= leg.endRecordedAtMilliseconds + now.endGraceSeconds * 1000;
    if (leg.endedAt !== null && endIsDue) {
      const since = last ?? leg.startedAt ?? leg.assignedFrom;
      if (since + longest < leg.endedAt) exceptions.push(gapException(leg, since, leg.endedAt - since));
      exceptions.push(...holdTime.end(leg, leg.endedAt));
    }
    return once(exceptions);
  }

  /** Only of a device that is live: what is played back or uploaded late is old when it arrives. */
  function silence(leg: AssignedLeg, startedAt: number, nowSeconds: number, patienceSeconds: number): NewException[] {
    const last = lastSeconds();
    const knownAtSeconds = last === null ? (leg.startRecordedAtMilliseconds ?? 0) / 1000 : receivedAtSeconds;
    const since = last ?? startedAt;
    if (Math.abs(knownAtSeconds - since) > patienceSeconds || nowSeconds <= since + patienceSeconds) return [];
    return last === null ? [gapException(leg, startedAt, nowSeconds - startedAt)] : monitor.silence(nowSeconds).flatMap((breach) => fromBreach(leg, breach));
  }

  return { feed, inspect, lastSeconds, shippers: shippers.length };
}

function isCalibrated({ calibratedFrom, calibratedUntil }: Calibration, seconds: number): boolean {
  return seconds >= calibratedFrom && seconds <= calibratedUntil;
}
