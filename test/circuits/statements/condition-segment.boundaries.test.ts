import { beforeAll, describe, expect, it } from "vitest";
import { READINGS_PER_SEGMENT, conditionProfileSchema, evaluateSegment, genesisState, segmentCircuitInputs, signSegment } from "../../../services/model/condition/index.ts";
import type { ConditionProfile, ConditionState, Segment } from "../../../services/model/condition/index.ts";
import { projectCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";
import { freshProfile, goodReading, goodSegment, honestInputs, statementOf, testKey } from "../support/segments.ts";
import { known } from "../support/known.ts";

/** The six signals as if the limits were wide; then the real limits are put in their place. */
function inputsIgnoringBudgets(segment: Segment, profile: ConditionProfile, stateBefore: ConditionState) {
  const wide: ConditionProfile = { ...profile, temperatureBudgetSeconds: 4_000_000, tiltBudgetSeconds: 4_000_000 };
  const inputs = segmentCircuitInputs({ ...statementOf(segment, { profile: wide, stateBefore }), signature: signSegment(segment, testKey) });
  const difference = (BigInt(4_000_000 - profile.temperatureBudgetSeconds) << 40n) + (BigInt(4_000_000 - profile.tiltBudgetSeconds) << 62n);
  return {
    ...inputs,
    terms: String(BigInt(inputs.terms as string) - difference),
    temperatureBudgetTicks: String(profile.temperatureBudgetSeconds),
    tiltBudgetTicks: String(profile.tiltBudgetSeconds),
  };
}

describe("condition-segment", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit()));

  it.each([1, 2, 7, READINGS_PER_SEGMENT])("accepts %d good readings", async (count) => expect(await circuit.refuses(honestInputs(goodSegment(count)))).toBe(false));

  it("names its public signals in the manifest's order", async () => {
    const inputs = honestInputs(goodSegment(3));
    const witness = await circuit.witness(inputs);
    const names = ["context", "deviceKeyCommitment", "terms", "stateBefore", "stateAfter", "readingsCommitment"];
    expect(witness.slice(1, 7)).toEqual(names.map((name) => BigInt(inputs[name] as string)));
  });

  describe("budgets", () => {
    const strict = conditionProfileSchema.parse({ ...freshProfile, temperatureBudgetSeconds: 0, tiltBudgetSeconds: 0 });
    const excursion = (part: Partial<typeof goodReading>): Segment => {
      const segment = goodSegment(10);
      segment.readings[4] = { ...known(segment.readings[4]), ...part };
      return segment;
    };
    const cases: [string, Segment, ConditionProfile, Partial<ConditionState>, boolean][] = [
      ["lowest temperature", excursion({ temperatureCentikelvin: 27_515 }), strict, {}, true],
      ["highest temperature", excursion({ temperatureCentikelvin: 28_115 }), strict, {}, true],
      ["one below the lowest", excursion({ temperatureCentikelvin: 27_514 }), strict, {}, false],
      ["one above the highest", excursion({ temperatureCentikelvin: 28_116 }), strict, {}, false],
      ["tilt at the limit", excursion({ tiltDegrees: 30 }), strict, {}, true],
      ["tilt one over", excursion({ tiltDegrees: 31 }), strict, {}, false],
      ["tilt not measured", excursion({ tiltDegrees: 255 }), strict, {}, false],
      ["tilt not monitored", excursion({ tiltDegrees: 180 }), { ...strict, tiltLimitDegrees: null }, {}, true],
      ["both intervals of one bad reading, met", excursion({ temperatureCentikelvin: 30_000 }), { ...strict, temperatureBudgetSeconds: 120 }, {}, true],
      ["both intervals of one bad reading, one over", excursion({ temperatureCentikelvin: 30_000 }), { ...strict, temperatureBudgetSeconds: 119 }, {}, false],
      ["with the total before, met", excursion({ temperatureCentikelvin: 0 }), { ...strict, temperatureBudgetSeconds: 620 }, { temperatureExcursionTicks: 500 }, true],
      ["with the total before, one over", excursion({ temperatureCentikelvin: 0 }), { ...strict, temperatureBudgetSeconds: 620 }, { temperatureExcursionTicks: 501 }, false],
      ["tilt with the total before, met", excursion({ tiltDegrees: 90 }), { ...strict, tiltBudgetSeconds: 130 }, { tiltExcursionTicks: 10 }, true],
      ["tilt with the total before, one over", excursion({ tiltDegrees: 90 }), { ...strict, tiltBudgetSeconds: 130 }, { tiltExcursionTicks: 11 }, false],
    ];
    it.each(cases)("%s", async (_name, segment, profile, changes, provable) => {
      const stateBefore = { ...genesisState, ...changes };
      expect(evaluateSegment(stateBefore, segment, profile).ok).toBe(provable);
      expect(await circuit.refuses(inputsIgnoringBudgets(segment, profile, stateBefore))).toBe(!provable);
    });

    it("counts the first interval when the reading before it was out", async () => {
      const segment = goodSegment(3, { readings: [goodReading, goodReading] });
      const stateBefore = { ...genesisState, lastTemperatureOut: true };
      for (const [budget, provable] of [[60, true], [59, false]] as const)
        expect(await circuit.refuses(inputsIgnoringBudgets(segment, { ...strict, temperatureBudgetSeconds: budget }, stateBefore))).toBe(!provable);
    });
  });

  it("accepts a gap of exactly the limit and refuses one tick more", async () => {
    const at = goodSegment(3);
    at.readings[1] = { ...goodReading, stepTicks: 120 };
    expect(await circuit.refuses(honestInputs(at))).toBe(false);
    const over = goodSegment(3);
    over.readings[1] = { ...goodReading, stepTicks: 121 };
    expect(evaluateSegment(genesisState, over, freshProfile)).toMatchObject({ ok: false, breaches: [{ kind: "sensor-gap", observedSeconds: 121, limitSeconds: 120 }] });
    const wider = honestInputs(over, { profile: { ...freshProfile, longestGapSeconds: 121 } });
    const narrowed: typeof wider = { ...wider, longestGapTicks: "120", terms: String(BigInt(wider.terms as string) - (1n << 84n)) };
    expect(await circuit.refuses(wider)).toBe(false);
    for (const bit of ["0", "1"]) {
      const stepIsHigh = [...(narrowed.stepIsHigh as string[])];
      stepIsHigh[1] = bit;
      expect(await circuit.refuses({ ...narrowed, stepIsHigh })).toBe(true);
    }
  });
});
