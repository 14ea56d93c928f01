import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advanceState, createConditionMonitor, decodeTemperature, evaluateSegment, genesisCommitment, genesisState, segmentCircuitInputs, segmentContext, segmentPublicSignals, signSegment, stateCommitment } from "../../../services/model/condition/index.ts";
import { freshProfile, goodReading, goodSegment, statementOf, testKey } from "../../circuits/support/segments.ts";

describe("evaluateSegment", () => {
  it("names every limit a segment breaks, where and by how much", () => {
    const segment = goodSegment(4, { fromTick: 1000 });
    segment.readings[1] = { temperatureCentikelvin: 29_000, tiltDegrees: 90, stepTicks: 200 };
    const profile = { ...freshProfile, temperatureBudgetSeconds: 250, tiltBudgetSeconds: 100 };
    expect(evaluateSegment(genesisState, segment, profile)).toEqual({
      ok: false,
      breaches: [
        { kind: "sensor-gap", atSeconds: 1200, observedSeconds: 200, limitSeconds: 120, worst: null },
        { kind: "temperature-excursion", atSeconds: 1260, observedSeconds: 260, limitSeconds: 250, worst: 16.85 },
        { kind: "tilt-excursion", atSeconds: 1200, observedSeconds: 260, limitSeconds: 100, worst: 90 },
      ],
    });
  });

  it("tells times in seconds when a tick is longer", () => {
    const profile = { ...freshProfile, longestGapSeconds: 900, temperatureBudgetSeconds: 0 };
    const segment = goodSegment(2, { fromTick: 100, readings: [{ ...goodReading, temperatureCentikelvin: 0, stepTicks: 0 }, { ...goodReading, stepTicks: 15 }] });
    expect(evaluateSegment(genesisState, segment, profile)).toMatchObject({ breaches: [{ kind: "temperature-excursion", atSeconds: 460, observedSeconds: 60, worst: -273.15 }] });
  });

  it("adds up the same however a run of readings is cut", () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ temperatureCentikelvin: fc.constantFrom(27_000, 27_800), tiltDegrees: fc.constantFrom(0, 31, 255), stepTicks: fc.nat({ max: 120 }) }), { minLength: 2, maxLength: 30 }),
        fc.nat(),
        (readings, cutAt) => {
          const cut = 1 + (cutAt % (readings.length - 1));
          const whole = advanceState(genesisState, { fromTick: 0, readings }, freshProfile).after;
          const first = advanceState(genesisState, { fromTick: 0, readings: readings.slice(0, cut) }, freshProfile).after;
          expect(advanceState(first, { fromTick: 0, readings: readings.slice(cut) }, freshProfile).after).toEqual(whole);
        },
      ),
      { seed: 4, numRuns: 300 },
    ));

  it("agrees with the live monitor where a tick is a second", () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ temperatureCentikelvin: fc.constantFrom(27_000, 27_800), tiltDegrees: fc.constantFrom(0, 31), stepTicks: fc.integer({ min: 1, max: 130 }) }), { minLength: 1, maxLength: 25 }),
        (readings) => {
          const segment = { fromTick: 0, readings: readings.map((reading, index) => (index === 0 ? { ...reading, stepTicks: 0 } : reading)) };
          const monitor = createConditionMonitor(freshProfile);
          let timeSeconds = 0;
          const live = segment.readings.flatMap((reading) =>
            monitor.observe({ timeSeconds: (timeSeconds += reading.stepTicks), temperatureCelsius: decodeTemperature(reading.temperatureCentikelvin), tiltDegrees: reading.tiltDegrees }),
          );
          const evaluation = evaluateSegment(genesisState, segment, freshProfile);
          const proven = evaluation.ok ? [] : evaluation.breaches;
          const facts = (breaches: typeof live) => breaches.map((breach) => `${breach.kind} ${breach.atSeconds}`).sort();
          expect(facts(live)).toEqual(facts(proven));
        },
      ),
      { seed: 5, numRuns: 300 },
    ));
});

describe("public signals and inputs", () => {
  it("refuse a segment that breaks its limits, with the breaches", () => {
    const segment = goodSegment(2);
    segment.readings[1] = { ...goodReading, stepTicks: 121 };
    expect(() => segmentPublicSignals(statementOf(segment))).toThrow(expect.objectContaining({ code: "segment-not-provable", details: { breaches: [expect.objectContaining({ kind: "sensor-gap" })] } }));
  });

  it("refuse values that do not fit their slots", () => {
    const bad = [
      goodSegment(0),
      goodSegment(158),
      goodSegment(2, { salt: 2n ** 248n }),
      goodSegment(2, { context: -1n }),
      goodSegment(2, { fromTick: 2 ** 32 - 1 }),
      goodSegment(1, { readings: [{ ...goodReading, temperatureCentikelvin: 65_536 }] }),
      goodSegment(1, { readings: [{ ...goodReading, tiltDegrees: 1.5 }] }),
    ];
    for (const segment of bad) expect(() => segmentPublicSignals(statementOf(segment))).toThrow(expect.objectContaining({ code: "segment-invalid" }));
  });

  it("start from the genesis commitment and follow the state", () => {
    const segment = goodSegment(3);
    const { named, stateAfter } = segmentPublicSignals(statementOf(segment));
    expect(named.stateBefore).toBe(genesisCommitment);
    expect(named.stateAfter).toBe(stateCommitment(stateAfter, 77n));
    expect(segmentCircuitInputs({ ...statementOf(segment), signature: signSegment(segment, testKey) })).toMatchObject({ terms: String(named.terms), salt: "42" });
  });
});

describe("segmentContext", () => {
  const parts = { chainId: 31337n, contract: "0x00000000000000000000000000000000000000aa", journeyId: `0x${"11".repeat(32)}`, leg: 1 };
  it("is below 2^253 and differs with every part", () => {
    const all = [parts, { ...parts, chainId: 1n }, { ...parts, contract: "0x00000000000000000000000000000000000000ab" }, { ...parts, journeyId: `0x${"12".repeat(32)}` }, { ...parts, leg: 2 }].map(segmentContext);
    expect(new Set(all).size).toBe(5);
    for (const context of all) expect(context >> 253n).toBe(0n);
  });
});
