import { expect, test } from "vitest";
import { formatSingleEuropeanCode, parseSingleEuropeanCode, required } from "../../../services/model/identity/index.ts";

const TEXT = "PL001499Z549917123456 A00T041600320171231";

test("the two sequences are read, and written back", () => {
  const code = required(parseSingleEuropeanCode(TEXT));
  expect(code).toEqual({
    country: "PL",
    tissueEstablishment: "001499",
    donationNumber: "Z549917123456",
    productCodingSystem: "A",
    productNumber: "00T0416",
    splitNumber: "003",
    expiryDate: "2017-12-31",
  });
  expect(formatSingleEuropeanCode(code)).toBe(`SEC:${TEXT}`);
  expect(parseSingleEuropeanCode(`SEC:${TEXT}`)).toEqual({ ok: true, value: code });
});

test("a code without expiry", () => {
  const code = required(parseSingleEuropeanCode("PL001499Z549917123456A00T041600300000000"));
  expect(code.expiryDate).toBeNull();
  expect(required(parseSingleEuropeanCode(formatSingleEuropeanCode(code)))).toEqual(code);
});

test.each(["", "PL001499Z549917123456", TEXT.replace("20171231", "20170230"), TEXT.replace("PL", "48"), `${TEXT}0`])(
  "%j is refused",
  (text) => expect(parseSingleEuropeanCode(text)).toMatchObject({ ok: false, code: "value-malformed" }),
);
