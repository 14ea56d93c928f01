import fc from "fast-check";
import { expect, test } from "vitest";
import { checkCharacter, checkDigit, checkDigitFault, checkValue } from "../../../services/model/identity/index.ts";
import { ThreadlineError } from "../../../services/model/errors.ts";
import { checkedDigits, donation } from "./arbitraries.ts";

test.each([["629104150021", "3"], ["952012345678", "8"], ["34012345111111111", "1"], ["0", "0"]])(
  "check digit of %s is %s",
  (key, digit) => expect(checkDigit(key)).toBe(digit),
);

test("check character of the donation number G1234 17 654321 is A (ISO/IEC 7064 mod 37-2)", () => {
  expect(checkCharacter("G123417654321")).toBe("A");
  expect(checkValue("G123417654321")).toBe(10);
});

test("any single wrong digit is found", () => {
  fc.assert(
    fc.property(checkedDigits(18), fc.nat(17), fc.integer({ min: 1, max: 9 }), (key, position, shift) => {
      const wrong = key.slice(0, position) + ((Number(key[position]) + shift) % 10) + key.slice(position + 1);
      expect(checkDigitFault(key)).toBeNull();
      expect(checkDigitFault(wrong)).toMatchObject({ observed: wrong.slice(-1) });
    }),
  );
});

test("any single wrong character and any swap of neighbours changes the mod 37-2 character", () => {
  fc.assert(
    fc.property(donation, fc.nat(11), fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), (din, position, other) => {
      const replaced = din.slice(0, position) + other + din.slice(position + 1);
      const swapped = din.slice(0, position) + din.charAt(position + 1) + din.charAt(position) + din.slice(position + 2);
      if (replaced !== din) expect(checkCharacter(replaced)).not.toBe(checkCharacter(din));
      if (swapped !== din) expect(checkCharacter(swapped)).not.toBe(checkCharacter(din));
    }),
  );
});

test("other characters are no input", () => {
  expect(() => checkDigit("12A")).toThrow(ThreadlineError);
  expect(() => checkDigit("")).toThrow(ThreadlineError);
  expect(() => checkCharacter("g1234")).toThrow(/0-9 and A-Z only/);
  expect(() => checkCharacter("A*")).toThrow(ThreadlineError);
});
