import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildSegments, createSegmentBuilder, segmentToTick } from "../../../services/model/condition/index.ts";
import type { Reading } from "../../../services/model/condition/index.ts";
import { freshProfile } from "../../circuits/support/segments.ts";
import { known } from "../../circuits/support/known.ts";

const start = 1_700_000_000;
const reading = (timeSeconds: number, changes: Partial<Reading> = {}): Reading => ({ timeSeconds, temperatureCelsius: 5, tiltDegrees: 0, ...changes });
const config = { profile: freshProfile, context: 9n, salt: () => 1n, readingsPerSegment: 10 };

describe("buildSegments", () => {
  it("cuts segments that continue one another", () => {
    const { segments, gaps } = buildSegments(Array.from({ length: 25 }, (_, index) => reading(start + 60 * index)), config);
    expect(gaps).toEqual([]);
    expect(segments.map(({ segment, startsChain, toTick }) => [segment.fromTick - start, toTick - start, segment.readings.length, startsChain])).toEqual([
      [0, 540, 10, true],
      [540, 1140, 10, false],
      [1140, 1440, 5, false],
    ]);
    expect(segments[0]?.segment.readings[0]?.stepTicks).toBe(0);
    expect(segments[1]?.segment.readings[0]?.stepTicks).toBe(60);
  });

  it("ends the chain at a gap over the limit and starts a fresh one", () => {
    const { segments, gaps } = buildSegments([reading(start), reading(start + 120), reading(start + 241), reading(start + 300)], config);
    expect(gaps).toEqual([{ fromSeconds: start + 120, toSeconds: start + 241, gapSeconds: 121 }]);
    expect(segments.map(({ segment, startsChain }) => [segment.fromTick - start, segment.readings.map((one) => one.stepTicks), startsChain])).toEqual([
      [0, [0, 120], true],
      [241, [0, 59], true],
    ]);
  });

  it("ends the chain at a gap that follows a sealed segment", () => {
    const { segments } = buildSegments([...Array.from({ length: 10 }, (_, index) => reading(start + index)), reading(start + 1000)], config);
    expect(segments.map(({ segment, startsChain }) => [segment.fromTick - start, startsChain])).toEqual([
      [0, true],
      [1000, true],
    ]);
  });

  it("loses no time to rounding, whatever the jitter", () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 800, noNaN: true }), { minLength: 1, maxLength: 60 }), (steps) => {
        let time = start;
        const readings = steps.map((step) => reading((time += step)));
        const { segments, gaps } = buildSegments(readings, { ...config, profile: { ...freshProfile, longestGapSeconds: 900 } });
        expect(gaps).toEqual([]);
        expect(known(segments.at(-1)).toTick).toBe(Math.floor(time / 4));
        segments.slice(1).forEach(({ segment }, index) => expect(segment.fromTick).toBe(segmentToTick(known(segments[index]).segment)));
      }),
      { seed: 3, numRuns: 200 },
    ));
});

describe("createSegmentBuilder", () => {
  it("takes readings of the same time, refuses earlier ones and stays usable", () => {
    const builder = createSegmentBuilder(config);
    builder.add(reading(start));
    builder.add(reading(start));
    expect(() => builder.add(reading(start - 1))).toThrow(expect.objectContaining({ code: "reading-out-of-order" }));
    expect(() => builder.add(reading(start + 1, { temperatureCelsius: NaN }))).toThrow(expect.objectContaining({ code: "temperature-invalid" }));
    builder.add(reading(start + 5));
    expect(builder.seal()?.segment.readings.map((one) => one.stepTicks)).toEqual([0, 0, 5]);
    expect(builder.seal()).toBeNull();
  });

  it("draws a salt for every segment", () => {
    let drawn = 0n;
    const { segments } = buildSegments(Array.from({ length: 20 }, (_, index) => reading(start + index)), { ...config, salt: () => ++drawn });
    expect(segments.map(({ segment }) => segment.salt)).toEqual([1n, 2n]);
  });
});
