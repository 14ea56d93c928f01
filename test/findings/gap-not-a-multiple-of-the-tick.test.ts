import { describe, expect, it } from "vitest";
import { createConditionMonitor, createSegmentBuilder, evaluateSegment, genesisState } from "../../services/model/condition/index.ts";

/**
 * Found by playing a real room log with a longest gap of 601 s: the tick is 3 s, the limit was rounded down to 200 ticks,
 * and readings a lawful 601 s apart could be 201 ticks apart. The chain broke, no proof could follow, and no exception
 * said why.
 */
describe("a longest gap that is no multiple of the tick", () => {
  it.each([256, 301, 601, 902, 1_021, 65_535])("of %d s lets every lawful gap into the chain, whatever second it starts at", (longestGapSeconds) => {
    const profile = {
      name: "odd",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: null,
      tiltBudgetSeconds: 0,
      longestGapSeconds,
      longestDurationSeconds: 4_000_000,
    };
    const builder = createSegmentBuilder({ profile, context: 1n, salt: () => 1n });
    const monitor = createConditionMonitor(profile);
    let gaps = 0;
    for (let place = 0; place < 40; place++) {
      const reading = { timeSeconds: 1_700_000_001 + place * longestGapSeconds, temperatureCelsius: 5, tiltDegrees: null };
      expect(monitor.observe(reading)).toEqual([]);
      if (builder.add(reading).gap !== null) gaps += 1;
    }
    expect(gaps).toBe(0);
    const sealed = builder.seal();
    expect(sealed === null ? undefined : evaluateSegment(genesisState, sealed.segment, profile)).toMatchObject({ ok: true });
  });
});
