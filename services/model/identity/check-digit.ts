import { ThreadlineError } from "../errors.ts";

/**
 * The GS1 check digit (modulo 10, weights 3 and 1 from the right; GS1 General Specifications 7.9) of the digits
 * before it. Throws `identity-malformed` when the text holds anything but digits.
 */
export function checkDigit(digitsBefore: string): string {
  if (!/^\d+$/.test(digitsBefore)) {
    throw new ThreadlineError("identity-malformed", `A check digit needs digits only, got "${digitsBefore}".`, {
      observed: digitsBefore,
    });
  }
  let sum = 0;
  for (let fromRight = 0; fromRight < digitsBefore.length; fromRight += 1) {
    const digit = Number(digitsBefore[digitsBefore.length - 1 - fromRight]);
    sum += fromRight % 2 === 0 ? digit * 3 : digit;
  }
  return String((10 - (sum % 10)) % 10);
}

/** The check digit the key should end with and the one it ends with, or null when they agree. */
export function checkDigitFault(key: string): { expected: string; observed: string } | null {
  const expected = checkDigit(key.slice(0, -1));
  const observed = key.slice(-1);
  return expected === observed ? null : { expected, observed };
}
