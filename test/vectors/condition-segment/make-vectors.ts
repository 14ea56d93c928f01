/** Writes the golden vectors beside this file; the same bytes on every run. Run with: node test/vectors/condition-segment/make-vectors.ts */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { READINGS_PER_SEGMENT, evaluateSegment, genesisState, segmentCircuitInputs, segmentPublicSignals, signSegment } from "../../../services/model/condition/index.ts";
import type { CircuitInputs, ConditionProfile, ConditionState, Segment } from "../../../services/model/condition/index.ts";
import { freshProfile, goodReading, goodSegment, seededIntegers, signedAnew, statementOf, testKey, withElement } from "../../circuits/support/segments.ts";

const generator = "test/vectors/condition-segment/make-vectors.ts";
const cryogenic: ConditionProfile = { ...freshProfile, name: "cryogenic", minimumTemperatureCelsius: -200, maximumTemperatureCelsius: -150, tiltLimitDegrees: null, longestGapSeconds: 900 };

function describe(segment: Segment, profile: ConditionProfile, stateBefore: ConditionState, seed: string) {
  const { context, salt, ...rest } = segment;
  return { generator, seed, profile, stateBefore, blindingBefore: "5", blindingAfter: "77", segment: { ...rest, context: String(context), salt: String(salt) } };
}

function write(name: string, value: unknown): void {
  writeFileSync(join(import.meta.dirname, `${name}.json`), `${JSON.stringify(value)}\n`);
}

function valid(name: string, segment: Segment, profile = freshProfile, stateBefore: ConditionState = { ...genesisState }): void {
  const { named } = segmentPublicSignals(statementOf(segment, { profile, stateBefore, blindingBefore: 5n }));
  const publicSignals = Object.fromEntries(Object.entries(named).map(([signal, value]) => [signal, String(value)]));
  write(`valid-${name}`, { ...describe(segment, profile, stateBefore, name), publicSignals });
}

/** The segment is judged by wide budgets first, then the profile's own are put in their place: what a forger would try. */
function overBudget(name: string, reason: string, segment: Segment): void {
  const stateBefore = { ...genesisState };
  const evaluation = evaluateSegment(stateBefore, segment, freshProfile);
  if (evaluation.ok) throw new Error(`${name} is valid`);
  const wide = { ...freshProfile, temperatureBudgetSeconds: 4_000_000, tiltBudgetSeconds: 4_000_000 };
  const inputs = segmentCircuitInputs({ ...statementOf(segment, { profile: wide, blindingBefore: 5n }), signature: signSegment(segment, testKey) });
  const circuitInputs = signedAnew({ ...inputs, temperatureBudgetTicks: String(freshProfile.temperatureBudgetSeconds), tiltBudgetTicks: String(freshProfile.tiltBudgetSeconds) });
  write(`invalid-${name}`, { ...describe(segment, freshProfile, stateBefore, name), reason, breaches: evaluation.breaches, circuitInputs });
}

function forged(name: string, reason: string, change: (inputs: CircuitInputs) => CircuitInputs): void {
  const segment = goodSegment(20);
  const honest = segmentCircuitInputs({ ...statementOf(segment, { blindingBefore: 5n }), signature: signSegment(segment, testKey) });
  write(`invalid-${name}`, { ...describe(segment, freshProfile, { ...genesisState }, name), reason, circuitInputs: change(honest) });
}

function randomSegment(seed: string, profile: ConditionProfile): Segment {
  const next = seededIntegers(seed);
  const [low, high] = [27_315 + 100 * profile.minimumTemperatureCelsius, 27_315 + 100 * profile.maximumTemperatureCelsius];
  return {
    context: BigInt(next(2 ** 47)),
    fromTick: 400_000_000 + next(1_000_000),
    salt: BigInt(next(2 ** 47)),
    readings: Array.from({ length: READINGS_PER_SEGMENT }, () => ({ temperatureCentikelvin: low + next(high - low + 1), tiltDegrees: next(31), stepTicks: next(100) })),
  };
}

valid("one-reading", goodSegment(1));
valid("full", goodSegment(READINGS_PER_SEGMENT));
valid("cryogenic", randomSegment("cryogenic", cryogenic), cryogenic);
valid("random", randomSegment("random", freshProfile));
const brief = goodSegment(30);
brief.readings[10] = { ...goodReading, temperatureCentikelvin: 28_200 };
valid("excursion-within-budget", brief, freshProfile, { temperatureExcursionTicks: 480, tiltExcursionTicks: 60, lastTemperatureOut: false, lastTiltOut: false });

const hot = goodSegment(30);
for (let index = 5; index < 20; index += 1) hot.readings[index] = { ...goodReading, temperatureCentikelvin: 28_116 + index };
overBudget("temperature-excursion", "sixteen intervals of 60 s out of range, ten allowed", hot);
const tipped = goodSegment(30);
tipped.readings[7] = { ...goodReading, tiltDegrees: 31 };
overBudget("tilt-excursion", "two intervals of 60 s beyond the tilt limit, one allowed", tipped);
forged("temperature-minus-one", "a temperature of p - 1 claimed as good", (inputs) => signedAnew(withElement(inputs, "temperatureCentikelvin", 3, -1n)));
forged("step-minus-one", "a step of p - 1: time turned back", (inputs) => signedAnew(withElement(inputs, "stepTicks", 3, -1n)));
forged("other-context", "signed for one context, shown for another", (inputs) => ({ ...inputs, context: "1235" }));
