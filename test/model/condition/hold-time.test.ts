import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { burnHoldTime, burnRateAt, holdTimeAtCharge, holdTimeEndsAt, holdTimeNeeded, holdTimeRemaining, holdTimeSchema } from "../../../services/model/condition/index.ts";
import type { HoldTime } from "../../../services/model/condition/index.ts";

const DAY = 86_400;
const SEED = 20_260_301;

/** Ten days upright; on its side 2.5 times as fast, upside down 20 times. */
const shipper: HoldTime = holdTimeSchema.parse({
  nominalHoldSeconds: 10 * DAY,
  tiltBands: [
    { fromDegrees: 0, burnRate: 1 },
    { fromDegrees: 30, burnRate: 1.25 },
    { fromDegrees: 75, burnRate: 2.5 },
    { fromDegrees: 120, burnRate: 20 },
  ],
});

type Tilted = { timeSeconds: number; tiltDegrees: number | null };
const burn = (readings: readonly Tilted[], from = holdTimeAtCharge(0)) => readings.reduce((state, reading) => burnHoldTime(shipper, state, reading), from);
const left = (readings: readonly Tilted[], at?: number) => holdTimeRemaining(shipper, burn(readings), at);

const tilt = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 180 }) }, { weight: 1, arbitrary: fc.constant(null) });
/** Readings from some moment on, each a while after the one before. */
const readings = fc
  .array(fc.record({ step: fc.integer({ min: 1, max: 4 * 3600 }), tiltDegrees: tilt }), { minLength: 1, maxLength: 60 })
  .map((steps) => {
    let timeSeconds = 0;
    return steps.map(({ step, tiltDegrees }) => ({ timeSeconds: (timeSeconds += step), tiltDegrees }));
  });

describe("hold time of a dry shipper", () => {
  it("burns second by second while it stands upright", () => {
    fc.assert(
      fc.property(readings, (some) => {
        const upright = some.map((reading) => ({ ...reading, tiltDegrees: 29.9 }));
        const last = upright.at(-1)?.timeSeconds ?? 0;
        expect(left(upright)).toBeCloseTo(Math.max(0, 10 * DAY - last), 6);
      }),
      { seed: SEED },
    );
  });

  it("never grows, and burns at least as fast as the clock until nothing is left", () => {
    fc.assert(
      fc.property(readings, (some) => {
        let state = holdTimeAtCharge(0);
        for (const reading of some) {
          const before = holdTimeRemaining(shipper, state);
          const elapsed = reading.timeSeconds - state.lastSeconds;
          state = burnHoldTime(shipper, state, reading);
          expect(holdTimeRemaining(shipper, state)).toBeLessThanOrEqual(Math.max(0, before - elapsed) + 1e-6);
        }
      }),
      { seed: SEED },
    );
  });

  it("never lasts longer tilted further", () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 180 }), (some, place, more) => {
        const tilted = some.map((reading, index) =>
          index === place % some.length && reading.tiltDegrees !== null ? { ...reading, tiltDegrees: Math.min(180, reading.tiltDegrees + more) } : reading,
        );
        expect(left(tilted)).toBeLessThanOrEqual(left(some) + 1e-6);
      }),
      { seed: SEED },
    );
  });

  it("adds up: readings in two parts, or with a steady stretch read more often, burn the same", () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 3600 }), tilt, (some, cut, stretch, tiltDegrees) => {
        const whole = burn(some);
        expect(burn(some.slice(cut), burn(some.slice(0, cut)))).toEqual(whole);
        const from = whole.lastSeconds + 1;
        const ends = [{ timeSeconds: from, tiltDegrees }, { timeSeconds: from + 2 * stretch, tiltDegrees }];
        const often = [{ timeSeconds: from, tiltDegrees }, { timeSeconds: from + stretch, tiltDegrees }, { timeSeconds: from + 2 * stretch, tiltDegrees }];
        expect(burn(often, whole).burntSeconds).toBeCloseTo(burn(ends, whole).burntSeconds, 6);
      }),
      { seed: SEED },
    );
  });

  it("ignores duplicates and late arrivals", () => {
    const some = [{ timeSeconds: 60, tiltDegrees: 90 }, { timeSeconds: 120, tiltDegrees: 90 }];
    expect(burn([...some, { timeSeconds: 120, tiltDegrees: 180 }, { timeSeconds: 30, tiltDegrees: 180 }])).toEqual(burn(some));
  });

  it("takes the band a tilt is in, and the worst for one that was not measured", () => {
    expect([0, 29.9, 30, 74, 75, 119, 120, 180, null].map((degrees) => burnRateAt(shipper, degrees))).toEqual([1, 1, 1.25, 1.25, 2.5, 2.5, 20, 20, 20]);
    expect(() => burnRateAt(shipper, 181)).toThrow("not between 0 and 180");
  });

  it("burns a step at the higher rate of its two ends, and upright before the first reading", () => {
    const state = burn([{ timeSeconds: 1000, tiltDegrees: 0 }, { timeSeconds: 1100, tiltDegrees: 90 }, { timeSeconds: 1200, tiltDegrees: 0 }, { timeSeconds: 1300, tiltDegrees: 0 }]);
    expect(state.burntSeconds).toBe(1000 + 250 + 250 + 100);
    expect(burn([{ timeSeconds: 1000, tiltDegrees: 180 }]).burntSeconds).toBe(1000);
  });

  it("says when nothing is left, within a step and ahead of the last reading", () => {
    const upsideDown = [{ timeSeconds: 0, tiltDegrees: 180 }, { timeSeconds: DAY, tiltDegrees: 180 }];
    expect(burn(upsideDown).exhaustedAt).toBe(DAY / 2);
    expect(left(upsideDown)).toBe(0);
    const state = burn([{ timeSeconds: 0, tiltDegrees: 90 }, { timeSeconds: DAY, tiltDegrees: 90 }]);
    expect(state.exhaustedAt).toBeNull();
    expect(holdTimeEndsAt(shipper, state)).toBe(4 * DAY);
    expect(holdTimeRemaining(shipper, state, 4 * DAY - 1)).toBeCloseTo(2.5, 6);
    expect(holdTimeRemaining(shipper, state, 4 * DAY)).toBe(0);
  });

  it("needs the way ahead and the reserve, to the end and beyond it", () => {
    const lane = { plannedSeconds: 4 * DAY, holdTimeMargin: 1.5 };
    expect([0, DAY, 4 * DAY, 9 * DAY].map((elapsed) => holdTimeNeeded(lane, elapsed))).toEqual([6 * DAY, 5 * DAY, 2 * DAY, 2 * DAY]);
  });

  it.each([
    ["does not begin upright", [{ fromDegrees: 10, burnRate: 1 }]],
    ["gains cold upright", [{ fromDegrees: 0, burnRate: 2 }]],
    ["has bands out of order", [{ fromDegrees: 0, burnRate: 1 }, { fromDegrees: 90, burnRate: 3 }, { fromDegrees: 45, burnRate: 4 }]],
    ["burns slower tilted further", [{ fromDegrees: 0, burnRate: 1 }, { fromDegrees: 45, burnRate: 4 }, { fromDegrees: 90, burnRate: 3 }]],
    ["burns slower than the clock", [{ fromDegrees: 0, burnRate: 1 }, { fromDegrees: 45, burnRate: 0.5 }]],
    ["has no band", []],
  ])("refuses a shipper that %s", (_, tiltBands) => {
    expect(holdTimeSchema.safeParse({ nominalHoldSeconds: DAY, tiltBands }).success).toBe(false);
  });
});
