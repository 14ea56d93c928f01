import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { toCircuitInputs } from "../../../services/model/circuit-inputs.ts";
import { circuitCriteria, decodeDecimal, encodeBatchResults, evaluateBatch, specificationCommitment, specificationDigest, specificationDocumentHash, specificationSchema } from "../../../services/model/quality/index.ts";
import type { BatchResults, Specification, TestResult } from "../../../services/model/quality/index.ts";
import { batchSignedAnew, honestBatchInputs } from "../support/batches.ts";
import { projectCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

/** Few values near one another, so that limits are often met exactly and missed by one. */
const scaled = fc.integer({ min: -4, max: 4 });
const decimal = (value: number, decimals: number): string => decodeDecimal(2n ** 63n + BigInt(value), decimals);

const testArbitrary = (place: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ decimals: fc.integer({ min: 0, max: 3 }), limits: fc.tuple(fc.option(scaled), fc.option(scaled)), mandatory: fc.boolean(), late: fc.boolean() }).map(({ decimals, limits, ...rest }) => {
      const [minimum, maximum] = limits[0] !== null && limits[1] !== null && limits[0] > limits[1] ? [limits[1], limits[0]] : limits;
      return {
        ...rest, test: `test-${place}`, title: `Test ${place}`, kind: "numeric" as const, unit: "%", decimals,
        ...(minimum === null ? {} : { minimum: decimal(minimum, decimals) }),
        ...(maximum === null ? {} : { maximum: decimal(maximum, decimals) }),
      };
    }) },
    { weight: 1, arbitrary: fc.record({ expected: fc.constantFrom("negative" as const, "positive" as const), mandatory: fc.boolean(), late: fc.boolean() }).map((rest) => ({ ...rest, test: `test-${place}`, title: `Test ${place}`, kind: "qualitative" as const })) },
  );

const specificationArbitrary: fc.Arbitrary<Specification> = fc
  .record({ number: fc.integer({ min: 0, max: 15 }), phases: fc.integer({ min: 1, max: 32 }) })
  .chain(({ number, phases }) =>
    fc.tuple(...Array.from({ length: number }, (_, place) => testArbitrary(place + 1))).map((tests) =>
      specificationSchema.parse({
        name: "random",
        version: 1,
        recipeHash: `0x${"00".repeat(32)}`,
        tests: [{ test: "test-0", title: "Test 0", kind: "numeric", unit: "%", decimals: 0, minimum: "0", mandatory: true }, ...tests],
        phases: Array.from({ length: phases }, (_, place) => ({ phase: `phase-${place}`, title: `Phase ${place}` })),
      }),
    ),
  );

/** Mostly good results and times, so that about half of the records pass whole. */
const recordArbitrary = (specification: Specification): fc.Arbitrary<BatchResults> => {
  const results = specification.tests.map((test): fc.Arbitrary<TestResult | null> => {
    const good: TestResult = test.kind === "qualitative" ? { test: test.test, qualifier: test.expected } : { test: test.test, qualifier: "equal", value: test.minimum ?? test.maximum ?? "0", unit: test.unit };
    const any: fc.Arbitrary<TestResult> =
      test.kind === "qualitative"
        ? fc.constantFrom("negative" as const, "not-detected" as const, "positive" as const, "detected" as const).map((qualifier) => ({ test: test.test, qualifier }))
        : fc.tuple(fc.constantFrom("equal" as const, "less-than" as const, "greater-than" as const), scaled).map(([qualifier, value]) => ({ test: test.test, qualifier, value: decimal(value, test.decimals), unit: test.unit }));
    return fc.oneof({ weight: 30, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: any }, { weight: 1, arbitrary: fc.constant(null) });
  });
  const step = fc.oneof({ weight: 100, arbitrary: fc.integer({ min: 0, max: 3 }) }, { weight: 1, arbitrary: fc.constant(-1) });
  const lost = fc.oneof({ weight: 100, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
  return fc
    .record({
      results: fc.tuple(...results),
      steps: fc.array(fc.tuple(step, step, lost, lost), { minLength: specification.phases.length, maxLength: specification.phases.length }),
      stage: fc.constantFrom("first" as const, "final" as const),
      slack: fc.oneof({ weight: 10, arbitrary: fc.integer({ min: 0, max: 5 }) }, { weight: 1, arbitrary: fc.constant(-1) }),
    })
    .map(({ results: given, steps, stage, slack }) => {
      let time = 1000;
      const phases = steps.map(([before, during, startLost, endLost], place) => {
        const startedAt = (time += before);
        const completedAt = (time += during);
        return { phase: `phase-${place}`, startedAt: startLost ? null : startedAt, completedAt: endLost ? null : completedAt };
      });
      return {
        specificationHash: specificationDocumentHash(specification),
        stage,
        signedAt: time + slack,
        salt: "11".repeat(31),
        results: given.filter((result) => result !== null),
        phases,
      };
    });
};

describe("evaluateBatch and the circuit", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit("batch-release")));
  const template = honestBatchInputs();

  it("judge random specifications and records alike", { timeout: 600_000 }, async () => {
    const verdicts = { met: 0, failed: 0 };
    await fc.assert(
      fc.asyncProperty(specificationArbitrary.chain((specification) => recordArbitrary(specification).map((record) => ({ specification, record }))), async ({ specification, record }) => {
        const verdict = evaluateBatch(specification, record);
        const criteria = circuitCriteria(specification, record.stage);
        const { results, startedAt, completedAt } = encodeBatchResults(specification, record);
        const inputs = batchSignedAnew({
          ...template,
          ...toCircuitInputs({
            documentDigest: specificationDigest(specification),
            specificationCommitment: specificationCommitment(specification, record.stage),
            minimum: criteria.map(({ minimum }) => minimum),
            maximum: criteria.map(({ maximum }) => maximum),
            isMandatory: criteria.map(({ isMandatory }) => Number(isMandatory)),
            value: results.map(({ value }) => value),
            isLessThan: results.map(({ isLessThan }) => Number(isLessThan)),
            isGreaterThan: results.map(({ isGreaterThan }) => Number(isGreaterThan)),
            isPresent: results.map(({ isPresent }) => Number(isPresent)),
            startedAt,
            completedAt,
            signedAt: record.signedAt,
          }),
        });
        verdicts[verdict.meetsSpecification ? "met" : "failed"] += 1;
        expect(await circuit.refuses(inputs)).toBe(!verdict.meetsSpecification);
      }),
      { numRuns: 60, seed: 20_260_301 },
    );
    expect(Math.min(verdicts.met, verdicts.failed)).toBeGreaterThan(8);
  });
});
