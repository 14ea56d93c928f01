import { z } from "zod";
import { ThreadlineError } from "../errors.ts";
import { NEGATIVE, NO_MAXIMUM, NO_MINIMUM, POSITIVE, decimalSchema, encodeDecimal } from "./criterion.ts";
import type { Criterion } from "./criterion.ts";
import type { SpecifiedTest } from "./specification.ts";

/**
 * How a laboratory's result becomes what the circuit judges: the interval of values it leaves open.
 *
 * | result | value | interval | meets [minimum, maximum] when |
 * |---|---|---|---|
 * | equal v | v | [v, v] | minimum <= v <= maximum |
 * | less-than v | v | [0, v] | there is no minimum, and v <= maximum |
 * | greater-than v | v | [v, 2^64 - 1] | minimum <= v, and there is no maximum |
 * | negative, not-detected | 0 | [0, 0], offset | the criterion expects negative |
 * | positive, detected | 1 | [1, 1], offset | the criterion expects positive |
 *
 * The first three are for numeric tests, in the criterion's own unit and with no more decimals than it has (see `encodeDecimal`);
 * the others for qualitative ones. A numeric test below its limit of detection is "less-than" that limit. "less than 5"
 * leaves 5 itself open: a criterion that excludes it names the last value allowed, 4.99 at two decimals.
 */
export const testResultSchema = z.discriminatedUnion("qualifier", [
  z.strictObject({ test: z.string().min(1).max(63), qualifier: z.enum(["equal", "less-than", "greater-than"]), value: decimalSchema, unit: z.string().min(1).max(40) }),
  z.strictObject({ test: z.string().min(1).max(63), qualifier: z.enum(["negative", "not-detected", "positive", "detected"]) }),
]);

export type TestResult = z.output<typeof testResultSchema>;

/** A result in one place of the circuit: value of 64 bits, two bits of qualifier, and whether there is any. */
export interface EncodedResult {
  value: bigint;
  isLessThan: boolean;
  isGreaterThan: boolean;
  isPresent: boolean;
}

export const ABSENT_RESULT: EncodedResult = { value: 0n, isLessThan: false, isGreaterThan: false, isPresent: false };

/**
 * Encodes a result under its test. Throws `result-kind-wrong` for a finding of a numeric test or a number of a qualitative one,
 * `result-unit-wrong` for another unit than the criterion's, and as `encodeDecimal` does.
 */
export function encodeResult(test: SpecifiedTest, result: TestResult): EncodedResult {
  const isNumber = "value" in result;
  if (isNumber !== (test.kind === "numeric"))
    throw new ThreadlineError("result-kind-wrong", `the test ${test.test} is ${test.kind}, its result cannot be "${result.qualifier}"`, { test: test.test, qualifier: result.qualifier });
  if (!isNumber || test.kind !== "numeric") {
    const isNegative = result.qualifier === "negative" || result.qualifier === "not-detected";
    return { ...ABSENT_RESULT, value: isNegative ? NEGATIVE : POSITIVE, isPresent: true };
  }
  if (result.unit !== test.unit)
    throw new ThreadlineError("result-unit-wrong", `the result of ${test.test} is in ${result.unit}, its criterion in ${test.unit}; units are never converted`, {
      test: test.test,
      observed: result.unit,
      expected: test.unit,
    });
  return {
    value: encodeDecimal(result.value, test.decimals),
    isLessThan: result.qualifier === "less-than",
    isGreaterThan: result.qualifier === "greater-than",
    isPresent: true,
  };
}

/** The interval of values a result leaves open: the twin of circuits/lib/result-interval.circom. */
export function resultInterval({ value, isLessThan, isGreaterThan }: EncodedResult): { low: bigint; high: bigint } {
  return { low: isLessThan ? NO_MINIMUM : value, high: isGreaterThan ? NO_MAXIMUM : value };
}

/** Whether a result that is present meets a criterion: the twin of circuits/lib/acceptance-criterion.circom. */
export function meetsCriterion(result: EncodedResult, { minimum, maximum }: Criterion): boolean {
  const { low, high } = resultInterval(result);
  return minimum <= low && high <= maximum;
}
