import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatCoiIdentifier, formatDonationIdentificationNumber, formatSingleEuropeanCode, parseCoiIdentifier,
  parseDonationIdentificationNumber, parseSingleEuropeanCode, required,
} from "../../../services/model/identity/index.ts";
import { chainOfIdentity, donation } from "./arbitraries.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const upper = (length: number) => fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: length, maxLength: length });
const letters = (length: number) => fc.string({ unit: fc.constantFrom(...ALPHABET.slice(10)), minLength: length, maxLength: length });
const expiry = fc.oneof(
  fc.constant("00000000"),
  fc.date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10).replaceAll("-", "")),
);

const singleEuropeanCode = fc
  .tuple(letters(2), upper(6), donation, letters(1), upper(7), upper(3), expiry)
  .map(([country, establishment, din, system, product, split, date]) => `SEC:${country}${establishment}${din} ${system}${product}${split}${date}`);

/** Each text differs from `text` in one letter or digit; spaces stay. */
function oneWrong(text: string): fc.Arbitrary<string> {
  const positions = [...text].flatMap((character, at) => (character === " " ? [] : [at]));
  return fc
    .tuple(fc.constantFrom(...positions), fc.constantFrom(...ALPHABET))
    .map(([at, other]) => text.slice(0, at) + other + text.slice(at + 1))
    .filter((changed) => changed !== text);
}

describe("format(parse(x)) = x", () => {
  test("Chain of Identity identifiers", () => {
    fc.assert(
      fc.property(chainOfIdentity, fc.constantFrom("data-structure" as const, "eye-readable" as const), (coi, form) => {
        const text = formatCoiIdentifier(coi, form);
        expect(formatCoiIdentifier(required(parseCoiIdentifier(text)).coi, form)).toBe(text);
      }),
    );
  });

  test("donation identification numbers, with their flags", () => {
    fc.assert(
      fc.property(donation, fc.constantFrom("00", "15", undefined), (din, flags) => {
        const text = formatDonationIdentificationNumber(din, "data-structure", flags);
        const read = required(parseDonationIdentificationNumber(text));
        expect(formatDonationIdentificationNumber(read.din, "data-structure", read.flags)).toBe(text);
      }),
    );
  });

  test("Single European Codes", () => {
    fc.assert(
      fc.property(singleEuropeanCode, (text) => {
        expect(formatSingleEuropeanCode(required(parseSingleEuropeanCode(text)))).toBe(text);
      }),
    );
  });
});

describe("one wrong character is found by the check character", () => {
  test("of a Chain of Identity identifier", () => {
    const changed = chainOfIdentity.chain((coi) => oneWrong(formatCoiIdentifier(coi, "eye-readable")));
    fc.assert(fc.property(changed, (text) => void expect(parseCoiIdentifier(text).ok).toBe(false)), { numRuns: 500 });
  });

  test("of a donation identification number, eye-readable or by its flags", () => {
    const changed = donation.chain((din) =>
      fc.oneof(
        oneWrong(formatDonationIdentificationNumber(din, "eye-readable")),
        oneWrong(formatDonationIdentificationNumber(din, "data-structure").slice(0, 14)).map((body) => body + formatDonationIdentificationNumber(din, "data-structure").slice(14)),
      ),
    );
    fc.assert(fc.property(changed, (text) => void expect(parseDonationIdentificationNumber(text).ok).toBe(false)), { numRuns: 500 });
  });
});
