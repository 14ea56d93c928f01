import { describe, expect, it } from "vitest";
import { READINGS_PER_SEGMENT, conditionProfileSchema, isTemperatureOut, encodeTemperature, profileLimits } from "../../../services/model/condition/index.ts";
import type { ConditionProfile, Reading } from "../../../services/model/condition/index.ts";
import { parseReadingsCsv } from "../../../services/model/readings-csv.ts";
import { flattened, hundredths, monitored, plainExcursion, proven } from "../../support/condition-oracle.ts";
import { berlingerCsv, berlingerRows, loggerFile, loggerFiles, occupancyCsv } from "../../support/logger-files.ts";
import { fridgeTagReport, qTagReport } from "../../support/logger-reports.ts";
import { present } from "../../support/present.ts";

const MINUTE = 60;

function profileOf(changes: Partial<ConditionProfile>): ConditionProfile {
  return conditionProfileSchema.parse({
    name: "real-logger",
    minimumTemperatureCelsius: -196,
    maximumTemperatureCelsius: 100,
    temperatureBudgetSeconds: 0,
    tiltLimitDegrees: null,
    tiltBudgetSeconds: 0,
    longestGapSeconds: 900,
    longestDurationSeconds: 90 * 86_400,
    ...changes,
  });
}

/** The two rules and plain arithmetic, reading by reading, over a series without gaps. */
function agreeWithoutGaps(readings: readonly Reading[], profile: ConditionProfile): void {
  const { minimumTemperatureCelsius: minimum, maximumTemperatureCelsius: maximum } = profile;
  const { unitSeconds } = profileLimits(profile);
  const plain = plainExcursion(readings, (celsius) => hundredths(celsius) < hundredths(minimum) || hundredths(celsius) > hundredths(maximum));
  const live = monitored(readings, profile);
  const chain = proven(readings, profile);

  expect(live.secondsAfter).toEqual(plain.map(({ seconds }) => seconds));
  expect(chain.ticksAfter).toHaveLength(readings.length);
  // A run of excursion has two boundaries, each off by less than a tick and in opposite directions.
  plain.forEach(({ seconds, runs }, index) => expect(Math.abs(present(chain.ticksAfter[index]) * unitSeconds - seconds)).toBeLessThanOrEqual(runs * unitSeconds));

  const crossed = plain.findIndex(({ seconds }) => seconds > profile.temperatureBudgetSeconds);
  expect(live.breaches.map(({ kind, atSeconds, observedSeconds }) => ({ kind, atSeconds, observedSeconds }))).toEqual(
    crossed < 0 ? [] : [{ kind: "temperature-excursion", atSeconds: readings[crossed]?.timeSeconds, observedSeconds: plain[crossed]?.seconds }],
  );
  expect(chain.gaps).toEqual([]);
  covers(readings, profile, chain.segments);
}

/** Segments hold every reading once, as it was, in its own tick; within a chain each starts where the last one ended. */
function covers(readings: readonly Reading[], profile: ConditionProfile, segments: ReturnType<typeof proven>["segments"], chains = 1): void {
  const { unitSeconds } = profileLimits(profile);
  expect(flattened(segments)).toEqual(
    readings.map(({ timeSeconds, temperatureCelsius }) => ({
      tick: Math.floor(timeSeconds / unitSeconds),
      temperatureCentikelvin: hundredths(temperatureCelsius) + 27_315,
      tiltDegrees: 255,
    })),
  );
  expect(segments.filter(({ startsChain }) => startsChain)).toHaveLength(chains);
  segments.forEach(({ segment, startsChain }, index) => {
    expect(segment.readings.length).toBeLessThanOrEqual(READINGS_PER_SEGMENT);
    if (!startsChain) expect(segment.fromTick).toBe(segments[index - 1]?.toTick);
  });
  if (chains === 1) expect(segments).toHaveLength(Math.ceil(readings.length / READINGS_PER_SEGMENT));
}

/** Readings between silences of more than a quarter of an hour. */
function stretches(readings: readonly Reading[]): Reading[][] {
  const parts: Reading[][] = [];
  for (const reading of readings) {
    const part = parts.at(-1);
    const last = part?.at(-1);
    if (part === undefined || last === undefined || reading.timeSeconds - last.timeSeconds > 15 * MINUTE) parts.push([reading]);
    else part.push(reading);
  }
  return parts;
}

const qTags = [
  { run: "run 2, 124 readings", name: loggerFiles.qTagRun2, count: 124 },
  { run: "run 3, 424 readings", name: loggerFiles.qTagRun3, count: 424 },
].map((one) => ({ ...one, text: loggerFile(one.name) }));

describe.each(qTags)("Q-tag shipment logger, $run, every ten minutes", ({ text, count }) => {
  const INTERVAL = 10 * MINUTE;
  const readings = text === null ? [] : parseReadingsCsv(berlingerCsv(text));

  it.skipIf(text === null)("is read whole: the device's own extremes, average and marks", () => {
    const report = qTagReport(present(text));
    const temperatures = readings.map((reading) => reading.temperatureCelsius);
    expect(readings).toHaveLength(count);
    expect(readings[temperatures.indexOf(report.minimumCelsius)]?.timeSeconds).toBe(report.minimumAt);
    expect(readings[temperatures.indexOf(report.maximumCelsius)]?.timeSeconds).toBe(report.maximumAt);
    expect(Math.min(...temperatures)).toBe(report.minimumCelsius);
    expect(Math.max(...temperatures)).toBe(report.maximumCelsius);
    expect(Math.abs(temperatures.reduce((sum, one) => sum + one, 0) / count - report.averageCelsius)).toBeLessThan(0.1);
    const limits = profileLimits(profileOf({ minimumTemperatureCelsius: 2, maximumTemperatureCelsius: 8 }));
    expect(readings.map((reading) => isTemperatureOut(encodeTemperature(reading.temperatureCelsius), limits))).toEqual(berlingerRows(present(text)).map((row) => row.outOfLimits));
  });

  it.skipIf(text === null)("keeps the device's extremes as limits and breaks them drawn in by 0.1 degrees", () => {
    const { minimumCelsius, maximumCelsius, minimumAt, maximumAt } = qTagReport(present(text));
    const kept = profileOf({ minimumTemperatureCelsius: minimumCelsius, maximumTemperatureCelsius: maximumCelsius });
    agreeWithoutGaps(readings, kept);
    const { provable, segments } = proven(readings, kept);
    expect(provable).toBe(segments.length);
    const tenth = (celsius: number) => Number(celsius.toFixed(1));
    for (const [drawnIn, at, worst] of [
      [{ ...kept, minimumTemperatureCelsius: tenth(minimumCelsius + 0.1) }, minimumAt, minimumCelsius],
      [{ ...kept, maximumTemperatureCelsius: tenth(maximumCelsius - 0.1) }, maximumAt, maximumCelsius],
    ] as const) {
      agreeWithoutGaps(readings, drawnIn);
      const { breaches } = monitored(readings, drawnIn);
      expect(breaches).toMatchObject([{ kind: "temperature-excursion", worst }]);
      expect(Math.abs(present(breaches[0]).atSeconds - at)).toBeLessThanOrEqual(INTERVAL);
      expect(proven(readings, drawnIn).provable).toBeLessThan(segments.length);
    }
  });

  it.skipIf(text === null)("agrees with the device's alarms within a reading per excursion boundary", () => {
    const { alarms } = qTagReport(present(text));
    expect(alarms.map((alarm) => alarm.side)).toEqual(["above", "below"]);
    for (const { side, limitCelsius, allowedMinutes, minutes, at } of alarms) {
      const limit = side === "below" ? { minimumTemperatureCelsius: limitCelsius } : { maximumTemperatureCelsius: limitCelsius };
      const profile = profileOf({ ...limit, temperatureBudgetSeconds: allowedMinutes * MINUTE });
      agreeWithoutGaps(readings, profile);
      const { totals, breaches } = monitored(readings, profile);
      const plain = plainExcursion(readings, (celsius) => (side === "below" ? celsius < limitCelsius : celsius > limitCelsius));
      const boundaries = 2 * present(plain.at(-1)).runs;
      expect(Math.abs(totals.temperatureExcursionSeconds - (minutes ?? 0) * MINUTE)).toBeLessThanOrEqual(boundaries * INTERVAL);
      expect(breaches).toHaveLength(at === null ? 0 : 1);
      if (at === null) continue;
      const soFar = 2 * present(plain[readings.findIndex((reading) => reading.timeSeconds === breaches[0]?.atSeconds)]).runs;
      expect(Math.abs(present(breaches[0]).atSeconds - at)).toBeLessThanOrEqual(soFar * INTERVAL);
      // Steps of ten minutes are whole ticks of four seconds: the proof breaks at the very same reading.
      expect(present(proven(readings, profile).breaches[0]).atSeconds).toBe(Math.floor(present(breaches[0]).atSeconds / 4) * 4);
    }
  });
});

const fridgeTags = [
  { device: "Ultra-Low, 835 readings", name: loggerFiles.fridgeTagUltraLow, count: 835, notMeasured: 6, gapSeconds: [] as number[] },
  { device: "2 L, 10,653 readings of 37 days", name: loggerFiles.fridgeTag2L, count: 10_653, notMeasured: 0, gapSeconds: [21_120] },
].map((one) => ({ ...one, text: loggerFile(one.name) }));

describe.each(fridgeTags)("Fridge-tag $device, every five minutes", ({ text, count, notMeasured, gapSeconds }) => {
  const INTERVAL = 5 * MINUTE;
  const readings = text === null ? [] : parseReadingsCsv(berlingerCsv(text));

  it.skipIf(text === null)("agrees with the device day by day: extremes, average, minutes beyond each limit", () => {
    const { days, lowLimitCelsius, highLimitCelsius } = fridgeTagReport(present(text));
    expect(readings).toHaveLength(count);
    for (const day of days) {
      const ofDay = readings.filter((reading) => new Date(reading.timeSeconds * 1000).toISOString().startsWith(day.date));
      const temperatures = ofDay.map((reading) => reading.temperatureCelsius);
      const unmeasured = berlingerRows(present(text)).filter((row) => row.celsius === null && row.time.startsWith(day.date)).length;
      expect(ofDay.length, day.date).toBeGreaterThan(0);
      expect(Math.min(...temperatures), day.date).toBeGreaterThanOrEqual(day.minimumCelsius);
      expect(Math.max(...temperatures), day.date).toBeLessThanOrEqual(day.maximumCelsius);
      if (ofDay.length === 288) expect(Math.abs(temperatures.reduce((sum, one) => sum + one, 0) / 288 - day.averageCelsius), day.date).toBeLessThan(0.12);
      for (const [minutes, limit, isOut] of [
        [day.minutesBelow, { minimumTemperatureCelsius: lowLimitCelsius }, (celsius: number) => celsius < lowLimitCelsius],
        [day.minutesAbove, { maximumTemperatureCelsius: highLimitCelsius }, (celsius: number) => celsius > highLimitCelsius],
      ] as const) {
        const seconds = stretches(ofDay).reduce((sum, stretch) => sum + monitored(stretch, profileOf(limit)).totals.temperatureExcursionSeconds, 0);
        const boundaries = 2 * (plainExcursion(ofDay, isOut).at(-1)?.runs ?? 0);
        expect(Math.abs(seconds - minutes * MINUTE), day.date).toBeLessThanOrEqual((boundaries + unmeasured) * INTERVAL);
      }
    }
  });

  it.skipIf(text === null)("marks readings as the device does", () => {
    const { lowLimitCelsius, highLimitCelsius } = fridgeTagReport(present(text));
    const limits = profileLimits(profileOf({ minimumTemperatureCelsius: lowLimitCelsius, maximumTemperatureCelsius: highLimitCelsius }));
    const rows = berlingerRows(present(text));
    expect(rows.filter((row) => row.celsius === null)).toHaveLength(notMeasured);
    const marks = rows.filter((row) => row.celsius !== null).map((row) => row.outOfLimits);
    expect(readings.map((reading) => isTemperatureOut(encodeTemperature(reading.temperatureCelsius), limits))).toEqual(marks);
  });

  it.skipIf(text === null)("names each gap in both rules, starts a chain after it, and agrees within every chain", () => {
    const profile = profileOf({ minimumTemperatureCelsius: 2, maximumTemperatureCelsius: 8, temperatureBudgetSeconds: 3_600 });
    const live = monitored(readings, profile).breaches.filter((breach) => breach.kind === "sensor-gap");
    const { gaps, segments } = proven(readings, profile);
    expect(live.map((breach) => breach.observedSeconds)).toEqual(gapSeconds);
    expect(gaps.map((gap) => ({ at: gap.toSeconds, observed: gap.gapSeconds }))).toEqual(live.map((breach) => ({ at: breach.atSeconds, observed: breach.observedSeconds })));
    covers(readings, profile, segments, gapSeconds.length + 1);
    const starts = [0, ...gaps.map((gap) => readings.findIndex((reading) => reading.timeSeconds === gap.toSeconds)), readings.length];
    starts.slice(1).forEach((end, chain) => agreeWithoutGaps(readings.slice(starts[chain], end), profile));
  });
});

const rooms = [
  { room: "test set, 2,665 readings", name: loggerFiles.occupancyTest, count: 2_665 },
  { room: "training set, 8,143 readings", name: loggerFiles.occupancyTraining, count: 8_143 },
].map((one) => ({ ...one, text: loggerFile(one.name) }));

describe.each(rooms)("room logger, $room, every 59 to 61 seconds", ({ text, count }) => {
  const readings = text === null ? [] : parseReadingsCsv(occupancyCsv(text));
  const steps = readings.slice(1).map((reading, index) => reading.timeSeconds - present(readings[index]).timeSeconds);

  it.skipIf(text === null)("has jitter that breaks no chain, whatever the tick", () => {
    expect(readings).toHaveLength(count);
    expect([...new Set(steps)].sort()).toEqual([59, 60, 61]);
    for (const longestGapSeconds of [61, 120, 300, 900])
      for (const temperatureBudgetSeconds of [0, 7_200, 10 * 86_400])
        agreeWithoutGaps(readings, profileOf({ minimumTemperatureCelsius: 20.5, maximumTemperatureCelsius: 22, temperatureBudgetSeconds, longestGapSeconds }));
  });

  it.skipIf(text === null)("has a gap at every step over a limit of 60 seconds, named alike by both rules", () => {
    const profile = profileOf({ longestGapSeconds: 60 });
    const expected = steps.flatMap((step, index) => (step > 60 ? [{ at: readings[index + 1]?.timeSeconds, observed: step }] : []));
    expect(expected.length).toBeGreaterThan(500);
    expect(monitored(readings, profile).breaches.map((breach) => ({ at: breach.atSeconds, observed: breach.observedSeconds }))).toEqual(expected);
    const { gaps, segments } = proven(readings, profile);
    expect(gaps.map((gap) => ({ at: gap.toSeconds, observed: gap.gapSeconds }))).toEqual(expected);
    covers(readings, profile, segments, expected.length + 1);
  });

  it.skipIf(text === null)("has a gap where an hour was cut out, and only there", () => {
    const [before, after] = [readings.slice(0, 1_000), readings.slice(1_060)];
    const [last, next] = [present(before.at(-1)), present(after[0])];
    const profile = profileOf({});
    const named = { observed: next.timeSeconds - last.timeSeconds, at: next.timeSeconds };
    expect(monitored([...before, ...after], profile).breaches.map((breach) => ({ observed: breach.observedSeconds, at: breach.atSeconds }))).toEqual([named]);
    expect(proven([...before, ...after], profile).gaps).toEqual([{ fromSeconds: last.timeSeconds, toSeconds: next.timeSeconds, gapSeconds: named.observed }]);
  });
});
