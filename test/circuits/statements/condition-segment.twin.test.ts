import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { READINGS_PER_SEGMENT, conditionProfileSchema, evaluateSegment, segmentCircuitInputs, segmentPublicSignals, signSegment } from "../../../services/model/condition/index.ts";
import type { ConditionState, Segment } from "../../../services/model/condition/index.ts";
import { projectRoot } from "../../../scripts/circuits/manifest.ts";
import { projectCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester, Inputs } from "../support/circuit-tester.ts";
import { freshProfile, seededIntegers, statementOf, testKey } from "../support/segments.ts";
import { vectorStatement } from "../support/vectors.ts";
import type { InvalidVector, ValidVector } from "../support/vectors.ts";

const directory = join(projectRoot, "test", "vectors", "condition-segment");
const load = <T>(prefix: string): [string, T][] =>
  readdirSync(directory)
    .filter((file) => file.startsWith(prefix) && file.endsWith(".json"))
    .map((file) => [file, JSON.parse(readFileSync(join(directory, file), "utf8")) as T]);

describe("the TypeScript twin and the circuit", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit()));

  it.each(load<ValidVector>("valid-"))("agree on %s", async (_file, vector) => {
    const statement = vectorStatement(vector);
    const { named, ordered } = segmentPublicSignals(statement);
    expect(Object.fromEntries(Object.entries(named).map(([name, value]) => [name, String(value)]))).toEqual(vector.publicSignals);
    const inputs = segmentCircuitInputs({ ...statement, signature: signSegment(statement.segment, testKey) });
    expect((await circuit.witness(inputs)).slice(1, 1 + ordered.length)).toEqual(ordered);
  });

  it.each(load<InvalidVector>("invalid-"))("refuse %s", async (_file, vector) => {
    if (vector.breaches !== undefined) {
      const evaluation = evaluateSegment(vectorStatement(vector).stateBefore, vectorStatement(vector).segment, vectorStatement(vector).profile);
      expect(evaluation).toEqual({ ok: false, breaches: vector.breaches });
    }
    expect(await circuit.refuses(vector.circuitInputs as Inputs)).toBe(true);
  });

  it("have at least four vectors of each kind", () => {
    expect(load("valid-").length).toBeGreaterThanOrEqual(4);
    expect(load("invalid-").length).toBeGreaterThanOrEqual(4);
  });

  it("judge 32 random segments alike", { timeout: 300_000 }, async () => {
    const next = seededIntegers("condition-segment differential 1");
    const verdicts = new Map<boolean, number>();
    for (let round = 0; round < 32; round += 1) {
      const gap = 1 + next(255);
      const profile = conditionProfileSchema.parse({
        ...freshProfile,
        longestGapSeconds: gap,
        temperatureBudgetSeconds: next(600),
        tiltBudgetSeconds: next(600),
        tiltLimitDegrees: next(4) === 0 ? null : next(181),
      });
      const segment: Segment = {
        context: BigInt(next(2 ** 40)),
        fromTick: next(2 ** 32 - 50_000),
        salt: BigInt(next(2 ** 47)),
        readings: Array.from({ length: 1 + next(READINGS_PER_SEGMENT) }, () => ({
          temperatureCentikelvin: next(25) === 0 ? next(65_536) : 27_515 + next(601),
          tiltDegrees: next(25) === 0 ? 255 : next(12),
          stepTicks: next(gap + 1),
        })),
      };
      const stateBefore: ConditionState = { temperatureExcursionTicks: next(100), tiltExcursionTicks: next(100), lastTemperatureOut: next(2) === 1, lastTiltOut: next(2) === 1 };
      const evaluation = evaluateSegment(stateBefore, segment, profile);
      verdicts.set(evaluation.ok, (verdicts.get(evaluation.ok) ?? 0) + 1);
      // The circuit's verdict on a segment over budget is had by judging it with wide budgets and putting the real ones back.
      const wide = { ...profile, temperatureBudgetSeconds: 4_000_000, tiltBudgetSeconds: 4_000_000 };
      const inputs = segmentCircuitInputs({ ...statementOf(segment, { profile: wide, stateBefore, blindingBefore: BigInt(round) }), signature: signSegment(segment, testKey) });
      const real = {
        ...inputs,
        terms: String(BigInt(inputs.terms as string) - (BigInt(4_000_000 - profile.temperatureBudgetSeconds) << 40n) - (BigInt(4_000_000 - profile.tiltBudgetSeconds) << 62n)),
        temperatureBudgetTicks: String(profile.temperatureBudgetSeconds),
        tiltBudgetTicks: String(profile.tiltBudgetSeconds),
      };
      expect([round, await circuit.refuses(real)]).toEqual([round, !evaluation.ok]);
    }
    expect(Math.min(verdicts.get(true) ?? 0, verdicts.get(false) ?? 0)).toBeGreaterThan(4);
  });
});
