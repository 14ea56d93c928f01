import fc from "fast-check";
import { expect, test } from "vitest";
import { ThreadlineError } from "../../../services/model/errors.ts";
import {
  checkCharacter, formatCoiIdentifier, formatDonationIdentificationNumber, parseCoiIdentifier, parseDonationIdentificationNumber,
} from "../../../services/model/identity/index.ts";
import { chainOfIdentity, donation } from "./arbitraries.ts";

test("the eye-readable donation number of the standard's example", () => {
  expect(parseDonationIdentificationNumber("G1234 17 654321 A")).toEqual({
    ok: true,
    value: { din: "G123417654321", facility: "G1234", year: "17", sequence: "654321" },
  });
  expect(parseDonationIdentificationNumber("G1234 17 654321 B")).toMatchObject({
    ok: false,
    code: "check-digit-wrong",
    message: expect.stringContaining("check character B, expected A") as string,
  });
});

test("donation numbers survive writing and reading", () => {
  fc.assert(
    fc.property(donation, (din) => {
      for (const form of ["data-structure", "eye-readable"] as const) {
        expect(parseDonationIdentificationNumber(formatDonationIdentificationNumber(din, form))).toMatchObject({ ok: true, value: { din } });
      }
    }),
  );
});

test("flags 60 to 96 are a check value, other flags are not", () => {
  expect(parseDonationIdentificationNumber("=G12341765432170")).toMatchObject({ ok: true, value: { flags: "70" } });
  expect(parseDonationIdentificationNumber("=G12341765432171")).toMatchObject({ ok: false, code: "check-digit-wrong" });
  expect(parseDonationIdentificationNumber("=G12341765432100")).toMatchObject({ ok: true, value: { flags: "00" } });
});

test("Chain of Identity identifiers survive writing and reading", () => {
  fc.assert(
    fc.property(chainOfIdentity, (coi) => {
      expect(parseCoiIdentifier(coi)).toMatchObject({ ok: true, value: { coi } });
      for (const form of ["data-structure", "eye-readable"] as const) {
        expect(parseCoiIdentifier(formatCoiIdentifier(coi, form))).toMatchObject({ ok: true, value: { coi } });
      }
    }),
  );
});

test("a wrong check character of a Chain of Identity identifier is named", () => {
  const coi = "CHA123426000001";
  const wrong = checkCharacter(coi) === "7" ? "8" : "7";
  expect(parseCoiIdentifier(`CHA1234 26 000001 ${wrong}`)).toMatchObject({
    ok: false,
    code: "check-digit-wrong",
    message: expect.stringContaining(`check character ${wrong}, expected ${checkCharacter(coi)}`) as string,
  });
});

test.each(["", "=G1234176543", "=G123417654321", "=O12341765432100", "=G12341765432100X", "G1234 17 65432X", "=g12341765432100"])(
  "%j is no donation number",
  (text) => expect(parseDonationIdentificationNumber(text)).toMatchObject({ ok: false, code: "value-malformed" }),
);

test.each(["", "&/", "&/CHA12342600000", "&/CHA1234260000012", "&/CXA123426000001", "CHO123426000001", "CHA1234AB000001"])(
  "%j is no Chain of Identity identifier",
  (text) => expect(parseCoiIdentifier(text)).toMatchObject({ ok: false, code: "value-malformed" }),
);

test("only a plain identifier can be written", () => {
  expect(() => formatCoiIdentifier("&/CHA123426000001", "eye-readable")).toThrow(ThreadlineError);
  expect(() => formatDonationIdentificationNumber("G1234", "eye-readable")).toThrow(ThreadlineError);
});
