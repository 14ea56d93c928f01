import { z } from "zod";
import { ThreadlineError } from "../errors.ts";

/**
 * Signed decimals as the circuit compares them. A decimal is text, so that no value is rounded on its way; with the number of
 * decimals its test fixes it is scaled to an integer and offset by 2^63:
 *
 *     encoded = value · 10^decimals + 2^63, an unsigned integer of 64 bits
 *
 * so that the order of encoded values is the order of the values. 0 stands for "no lower end", 2^64 - 1 for "no upper end".
 */
export const DECIMAL_OFFSET = 1n << 63n;
export const NO_MINIMUM = 0n;
export const NO_MAXIMUM = (1n << 64n) - 1n;
/** 10^18 is the largest power of ten below 2^63. */
export const MOST_DECIMALS = 18;

/** Findings of qualitative tests are the values 0 and 1. */
export const NEGATIVE = DECIMAL_OFFSET;
export const POSITIVE = DECIMAL_OFFSET + 1n;

export const decimalSchema = z.string().max(40).regex(/^-?(0|[1-9]\d*)(\.\d+)?$/, "a decimal is digits with at most one point, such as -0.5 or 70.25, and no exponent");

/** An acceptance criterion as an interval of encoded values, both ends inclusive. */
export interface Criterion {
  minimum: bigint;
  maximum: bigint;
}

/** No interval lies within it: low >= 1 and high <= 0 is never true of a low that is at most the high. */
export const UNUSED_CRITERION: Criterion = { minimum: 1n, maximum: 0n };

type CriterionSource = { test: string } & (
  | { kind: "numeric"; decimals: number; minimum?: string | undefined; maximum?: string | undefined }
  | { kind: "qualitative"; expected: "negative" | "positive" }
);

/**
 * The value of a decimal at a number of decimals. Throws `decimal-malformed` for text that is no decimal, `decimals-exceeded` for
 * more digits behind the point than that (nothing is rounded), `decimal-out-of-range` for what is no value of 64 bits;
 * the two ends, which stand for open limits, are no values.
 */
export function encodeDecimal(text: string, decimals: number): bigint {
  if (!decimalSchema.safeParse(text).success) throw new ThreadlineError("decimal-malformed", `"${text}" is no decimal such as -0.5 or 70.25`, { observed: text });
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  if (fraction.length > decimals)
    throw new ThreadlineError("decimals-exceeded", `${text} has ${fraction.length} decimals, ${decimals} are allowed; nothing is rounded here`, { observed: text, decimals });
  const scaled = BigInt(whole + fraction.padEnd(decimals, "0"));
  const encoded = (text.startsWith("-") ? -scaled : scaled) + DECIMAL_OFFSET;
  if (encoded <= NO_MINIMUM || encoded >= NO_MAXIMUM)
    throw new ThreadlineError("decimal-out-of-range", `${text} with ${decimals} decimals does not fit 64 bits`, { observed: text, decimals });
  return encoded;
}

/** The inverse of `encodeDecimal`, with all decimals written. */
export function decodeDecimal(encoded: bigint, decimals: number): string {
  const scaled = encoded - DECIMAL_OFFSET;
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, split)}${decimals === 0 ? "" : `.${digits.slice(split)}`}`;
}

/** The criterion of a test. Throws as `encodeDecimal` does, and `criterion-empty` for a minimum above the maximum. */
export function criterionOf(test: CriterionSource): Criterion {
  if (test.kind === "qualitative") {
    const finding = test.expected === "negative" ? NEGATIVE : POSITIVE;
    return { minimum: finding, maximum: finding };
  }
  const minimum = test.minimum === undefined ? NO_MINIMUM : encodeDecimal(test.minimum, test.decimals);
  const maximum = test.maximum === undefined ? NO_MAXIMUM : encodeDecimal(test.maximum, test.decimals);
  if (minimum > maximum)
    throw new ThreadlineError("criterion-empty", `the minimum ${test.minimum} of ${test.test} is above its maximum ${test.maximum}`, { test: test.test });
  return { minimum, maximum };
}
