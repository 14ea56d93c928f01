import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatGrai, formatSgtin, parseGiai, parseGln, parseGrai, parseGsrn, parseGtin, parseSgtin, parseSscc, required, withCheckDigit,
} from "../../../services/model/identity/index.ts";
import { checkedDigits, digits, text82 } from "./arbitraries.ts";

describe("keys survive writing and reading", () => {
  test("GLN, SSCC, GSRN, GTIN", () => {
    fc.assert(
      fc.property(checkedDigits(13), checkedDigits(18), (short, long) => {
        expect(required(parseGln(short))).toBe(short);
        expect(required(parseGtin(short))).toBe(`0${short}`);
        expect(required(parseSscc(long))).toBe(long);
        expect(required(parseGsrn(long))).toBe(long);
      }),
    );
  });

  test("SGTIN and GRAI", () => {
    fc.assert(
      fc.property(checkedDigits(14), text82(20), (gtin, serial) => {
        expect(required(parseSgtin(formatSgtin({ gtin, serial })))).toEqual({ gtin, serial });
      }),
    );
    fc.assert(
      fc.property(checkedDigits(13), text82(16), (assetType, serial) => {
        expect(required(parseGrai(formatGrai({ assetType, serial })))).toEqual({ assetType, serial });
      }),
    );
  });

  test("the wrong last digit is always named with the right one", () => {
    fc.assert(
      fc.property(digits(12), fc.integer({ min: 1, max: 9 }), (body, shift) => {
        const right = withCheckDigit(body).slice(-1);
        const wrong = String((Number(right) + shift) % 10);
        expect(parseGln(body + wrong)).toMatchObject({
          ok: false,
          code: "check-digit-wrong",
          message: expect.stringContaining(`check digit ${wrong}, expected ${right}`) as string,
          observed: body + wrong,
        });
      }),
    );
  });
});

test.each([
  ["GLN of 12 digits", parseGln("950600013436")],
  ["GLN with a letter", parseGln("950600013436A")],
  ["GTIN of 10 digits", parseGtin("1234567890")],
  ["SSCC of 17 digits", parseSscc("34012345111111111")],
  ["GRAI without leading zero", parseGrai("19506000134376S1")],
  ["GRAI with a serial of 17 characters", parseGrai(`0${"9506000134376"}${"S".repeat(17)}`)],
  ["GIAI of letters", parseGiai("LOG7")],
  ["GIAI of 31 characters", parseGiai("9506".padEnd(31, "0"))],
  ["GIAI with a space", parseGiai("9506 LOG7")],
  ["SGTIN without serial", parseSgtin("(01)09506000134352")],
  ["SGTIN with a control character", parseSgtin("(01)09506000134352(21)A\u001d")],
])("%s is refused", (_, result) => expect(result).toMatchObject({ ok: false, code: "value-malformed" }));

test("required throws what a parser refused", () => {
  expect(() => required(parseGln("9506000134368"))).toThrow(/check digit 8, expected 9/);
});
