import { advanceState, buildSegments, createConditionMonitor, evaluateSegment, genesisState } from "../../services/model/condition/index.ts";
import type { Breach, ConditionProfile, ConditionState, Reading, SealedSegment } from "../../services/model/condition/index.ts";

/** Hundredths of a degree from the written decimals, half away from zero: digits are cut, no floating point is multiplied. */
export function hundredths(celsius: number): number {
  const [whole = "", fraction = ""] = Math.abs(celsius).toString().split(".");
  const digits = fraction.padEnd(3, "0");
  return (celsius < 0 ? -1 : 1) * (Number(whole + digits.slice(0, 2)) + (digits.charAt(2) >= "5" ? 1 : 0));
}

/** Excursion as plain arithmetic says it: seconds after each reading, and unbroken runs so far. Nothing of the product is used. */
export function plainExcursion(readings: readonly Reading[], isOut: (celsius: number) => boolean): { seconds: number; runs: number }[] {
  const after: { seconds: number; runs: number }[] = [];
  let seconds = 0;
  let runs = 0;
  let running = false;
  readings.forEach((reading, index) => {
    const before = readings[index - 1];
    const counts = before !== undefined && (isOut(before.temperatureCelsius) || isOut(reading.temperatureCelsius));
    if (counts) seconds += reading.timeSeconds - before.timeSeconds;
    if (counts && !running) runs += 1;
    running = counts;
    after.push({ seconds, runs });
  });
  return after;
}

/** The live rule over a whole series. */
export function monitored(readings: readonly Reading[], profile: ConditionProfile) {
  const monitor = createConditionMonitor(profile);
  const breaches: Breach[] = [];
  const secondsAfter = readings.map((reading) => {
    breaches.push(...monitor.observe(reading));
    return monitor.totals().temperatureExcursionSeconds;
  });
  return { breaches, secondsAfter, totals: monitor.totals() };
}

/** The provable rule over a whole series: segments as a device seals them, each evaluated from the state before it. */
export function proven(readings: readonly Reading[], profile: ConditionProfile) {
  const { segments, gaps } = buildSegments(readings, { profile, context: 5n, salt: () => 1n });
  let state: ConditionState = genesisState;
  const ticksAfter: number[] = [];
  const breaches: Breach[] = [];
  let provable = 0;
  for (const { segment, startsChain } of segments) {
    if (startsChain) state = genesisState;
    const evaluation = evaluateSegment(state, segment, profile);
    if (evaluation.ok) provable += 1;
    else breaches.push(...evaluation.breaches);
    const { after, intervals } = advanceState(state, segment, profile);
    let ticks = state.temperatureExcursionTicks;
    ticksAfter.push(...intervals.map((interval) => (ticks += interval.temperatureExcursionTicks)));
    state = after;
  }
  return { segments, gaps, ticksAfter, breaches, provable };
}

/** Every reading of all segments with its own tick, in order. */
export function flattened(segments: readonly SealedSegment[]): { tick: number; temperatureCentikelvin: number; tiltDegrees: number }[] {
  return segments.flatMap(({ segment }) => {
    let tick = segment.fromTick;
    return segment.readings.map(({ stepTicks, temperatureCentikelvin, tiltDegrees }) => ({ tick: (tick += stepTicks), temperatureCentikelvin, tiltDegrees }));
  });
}
