import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DECIMAL_OFFSET, MOST_DECIMALS, NEGATIVE, NO_MAXIMUM, NO_MINIMUM, POSITIVE, UNUSED_CRITERION, criterionOf, decodeDecimal, encodeDecimal, encodeResult, meetsCriterion, resultInterval, testResultSchema } from "../../../services/model/quality/index.ts";
import type { SpecifiedTest, TestResult } from "../../../services/model/quality/index.ts";

const numeric: SpecifiedTest = { test: "endotoxin", title: "Endotoxin", kind: "numeric", unit: "[EU]/mL", decimals: 2, minimum: "0.10", maximum: "0.50", mandatory: true, late: false };
const qualitative: SpecifiedTest = { test: "sterility", title: "Sterility", kind: "qualitative", expected: "negative", mandatory: true, late: false };
const refusal = (code: string) => expect.objectContaining({ code });
const number = (value: string, qualifier: "equal" | "less-than" | "greater-than" = "equal", unit = "[EU]/mL"): TestResult => ({ test: "endotoxin", qualifier, value, unit });

/** Every scaled integer that has a code, and a number of decimals. */
const scaledArbitrary = fc.tuple(fc.bigInt({ min: 1n - DECIMAL_OFFSET, max: DECIMAL_OFFSET - 2n }), fc.integer({ min: 0, max: MOST_DECIMALS }));

describe("a decimal", () => {
  it("survives encoding and decoding", () => {
    fc.assert(fc.property(scaledArbitrary, ([scaled, decimals]) => encodeDecimal(decodeDecimal(scaled + DECIMAL_OFFSET, decimals), decimals) === scaled + DECIMAL_OFFSET));
  });

  it("keeps its order and its 64 bits", () => {
    fc.assert(
      fc.property(scaledArbitrary, fc.bigInt({ min: 1n - DECIMAL_OFFSET, max: DECIMAL_OFFSET - 2n }), ([one, decimals], other) => {
        const [left, right] = [one, other].map((scaled) => encodeDecimal(decodeDecimal(scaled + DECIMAL_OFFSET, decimals), decimals)) as [bigint, bigint];
        return left < right === one < other && left > NO_MINIMUM && left < NO_MAXIMUM;
      }),
    );
  });

  it.each([
    ["0", 0, DECIMAL_OFFSET],
    ["-0", 3, DECIMAL_OFFSET],
    ["70", 1, DECIMAL_OFFSET + 700n],
    ["70.0", 1, DECIMAL_OFFSET + 700n],
    ["-0.05", 2, DECIMAL_OFFSET - 5n],
    ["9223372036854775806", 0, NO_MAXIMUM - 1n],
    ["-9223372036854775807", 0, NO_MINIMUM + 1n],
  ] as const)("%s at %d decimals is %d", (text, decimals, encoded) => expect(encodeDecimal(text, decimals)).toBe(encoded));

  it.each(["", "-", ".5", "5.", "05", "+5", "1e3", "1,5", " 5", "0x10", "NaN", "1.2.3", "9".repeat(41)])("refuses %j", (text) => expect(() => encodeDecimal(text, 5)).toThrow(refusal("decimal-malformed")));
  it.each([["0.001", 2], ["70.00", 1], ["1.0", 0]] as const)("refuses %s at %d decimals: nothing is rounded", (text, decimals) => expect(() => encodeDecimal(text, decimals)).toThrow(refusal("decimals-exceeded")));
  it.each([["9223372036854775807", 0], ["-9223372036854775808", 0], ["9223372036854775808", 0], ["92233720368547758.08", 2], ["10", 18]] as const)("refuses %s at %d decimals: it does not fit, or is a code of an open limit", (text, decimals) =>
    expect(() => encodeDecimal(text, decimals)).toThrow(refusal("decimal-out-of-range")));
});

describe("a result", () => {
  it("is an interval of the values it leaves open", () => {
    const v = encodeDecimal("0.30", 2);
    expect(resultInterval(encodeResult(numeric, number("0.30")))).toEqual({ low: v, high: v });
    expect(resultInterval(encodeResult(numeric, number("0.30", "less-than")))).toEqual({ low: NO_MINIMUM, high: v });
    expect(resultInterval(encodeResult(numeric, number("0.30", "greater-than")))).toEqual({ low: v, high: NO_MAXIMUM });
  });

  it.each([["negative", NEGATIVE], ["not-detected", NEGATIVE], ["positive", POSITIVE], ["detected", POSITIVE]] as const)("%s is one value", (qualifier, value) => {
    expect(encodeResult(qualitative, { test: "sterility", qualifier })).toEqual({ value, isLessThan: false, isGreaterThan: false, isPresent: true });
  });

  it("meets its criterion if and only if every value it leaves open does", () => {
    const limit = fc.option(fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(limit, limit, fc.integer({ min: -25, max: 25 }), fc.constantFrom("equal" as const, "less-than" as const, "greater-than" as const), (one, other, value, qualifier) => {
        const [minimum, maximum] = one !== null && other !== null && one > other ? [other, one] : [one, other];
        const test: SpecifiedTest = { ...numeric, decimals: 0, minimum: minimum === null ? undefined : String(minimum), maximum: maximum === null ? undefined : String(maximum) } as SpecifiedTest;
        const above = minimum === null || (qualifier !== "less-than" && value >= minimum);
        const below = maximum === null || (qualifier !== "greater-than" && value <= maximum);
        return meetsCriterion(encodeResult(test, number(String(value), qualifier)), criterionOf(test)) === (above && below);
      }),
    );
  });

  it("never meets the criterion of an unused place", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: NO_MAXIMUM }), fc.constantFrom([false, false], [true, false], [false, true]), (value, [isLessThan, isGreaterThan]) =>
        !meetsCriterion({ value, isLessThan: isLessThan === true, isGreaterThan: isGreaterThan === true, isPresent: true }, UNUSED_CRITERION)),
    );
  });

  it("is refused in another unit, of another kind, or with too many decimals", () => {
    expect(() => encodeResult(numeric, number("0.30", "equal", "[EU]/L"))).toThrow(refusal("result-unit-wrong"));
    expect(() => encodeResult(numeric, { test: "endotoxin", qualifier: "not-detected" })).toThrow(refusal("result-kind-wrong"));
    expect(() => encodeResult(qualitative, number("0"))).toThrow(refusal("result-kind-wrong"));
    expect(() => encodeResult(numeric, number("0.301"))).toThrow(refusal("decimals-exceeded"));
  });

  it("is refused by its schema with unknown members, a number instead of text, or a finding with a value", () => {
    for (const wrong of [{ ...number("1"), extra: 1 }, { ...number("1"), value: 1 }, { test: "sterility", qualifier: "negative", value: "0" }, { test: "endotoxin", qualifier: "equal", value: "1" }, { test: "endotoxin", qualifier: "about", value: "1", unit: "%" }])
      expect(testResultSchema.safeParse(wrong).success).toBe(false);
  });
});
