import { describe, expect, it } from "vitest";
import { createConditionMonitor } from "../../../services/model/condition/index.ts";
import type { Reading } from "../../../services/model/condition/index.ts";
import { freshProfile } from "../../circuits/support/segments.ts";

const reading = (timeSeconds: number, temperatureCelsius = 5, tiltDegrees: number | null = 0): Reading => ({ timeSeconds, temperatureCelsius, tiltDegrees });

describe("createConditionMonitor", () => {
  it("raises an excursion once, when the budget is exceeded, not when it is met", () => {
    const monitor = createConditionMonitor({ ...freshProfile, temperatureBudgetSeconds: 180 });
    expect([0, 60].flatMap((time) => monitor.observe(reading(time)))).toEqual([]);
    expect([120, 180, 240].flatMap((time) => monitor.observe(reading(time, 9 + time / 1000)))).toEqual([]);
    expect(monitor.observe(reading(241, 8.01))).toEqual([{ kind: "temperature-excursion", atSeconds: 241, observedSeconds: 181, limitSeconds: 180, worst: 9.24 }]);
    expect(monitor.observe(reading(300, 12))).toEqual([]);
    expect(monitor.totals()).toMatchObject({ temperatureExcursionSeconds: 240, worstTemperatureCelsius: 12 });
  });

  it("is strict with a budget of 0: one bad reading is enough once time passes", () => {
    const monitor = createConditionMonitor({ ...freshProfile, temperatureBudgetSeconds: 0 });
    expect(monitor.observe(reading(0, 1.99))).toEqual([]);
    expect(monitor.observe(reading(30))).toMatchObject([{ kind: "temperature-excursion", observedSeconds: 30, worst: 1.99 }]);
  });

  it("counts a tilt not measured as beyond the limit", () => {
    const monitor = createConditionMonitor(freshProfile);
    expect([0, 60].flatMap((time) => monitor.observe(reading(time, 5, null)))).toEqual([]);
    expect(monitor.observe(reading(61, 5, 0))).toEqual([{ kind: "tilt-excursion", atSeconds: 61, observedSeconds: 61, limitSeconds: 60, worst: null }]);
  });

  it("does not watch tilt without a limit", () => {
    const monitor = createConditionMonitor({ ...freshProfile, tiltLimitDegrees: null, tiltBudgetSeconds: 0 });
    expect([0, 60, 120].flatMap((time) => monitor.observe(reading(time, 5, time === 60 ? null : 180)))).toEqual([]);
  });

  it("raises every gap over the limit, and none at it", () => {
    const monitor = createConditionMonitor(freshProfile);
    const raised = [0, 120, 241, 300, 500].flatMap((time) => monitor.observe(reading(time)));
    expect(raised.map((breach) => [breach.kind, breach.atSeconds, breach.observedSeconds])).toEqual([
      ["sensor-gap", 241, 121],
      ["sensor-gap", 500, 200],
    ]);
  });

  it("raises an open gap by the clock, once", () => {
    const monitor = createConditionMonitor(freshProfile);
    expect(monitor.silence(1_000)).toEqual([]);
    monitor.observe(reading(0));
    expect(monitor.silence(120)).toEqual([]);
    expect(monitor.silence(121)).toMatchObject([{ kind: "sensor-gap", observedSeconds: 121 }]);
    expect(monitor.silence(400)).toEqual([]);
    expect(monitor.observe(reading(500))).toEqual([]);
    expect(monitor.silence(700)).toHaveLength(1);
  });

  it("ignores duplicates and late arrivals", () => {
    const monitor = createConditionMonitor({ ...freshProfile, temperatureBudgetSeconds: 0 });
    monitor.observe(reading(100));
    expect(monitor.observe(reading(100, 40))).toEqual([]);
    expect(monitor.observe(reading(50, 40))).toEqual([]);
    expect(monitor.observe(reading(160))).toEqual([]);
    expect(monitor.totals()).toMatchObject({ lastSeconds: 160, temperatureExcursionSeconds: 0, worstTemperatureCelsius: null });
  });
});
