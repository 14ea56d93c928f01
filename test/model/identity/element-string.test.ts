import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatBracketedElementString, formatElementString, GROUP_SEPARATOR, parseBracketedElementString, parseElementString,
} from "../../../services/model/identity/index.ts";
import { elements } from "./arbitraries.ts";

test("element strings survive writing and reading, scanned and bracketed", () => {
  fc.assert(
    fc.property(elements, (label) => {
      expect(parseElementString(formatElementString(label))).toEqual({ ok: true, value: label });
      expect(parseBracketedElementString(formatBracketedElementString(label))).toEqual({ ok: true, value: label });
    }),
  );
});

test("AIs of predefined length come first and need no separator", () => {
  expect(formatElementString({ "21": "S1", "10": "L1", "01": "09506000134352" })).toBe(`010950600013435210L1${GROUP_SEPARATOR}21S1`);
});

describe("refused", () => {
  test.each([
    ["an unknown AI", "89ABC", "application-identifier-unknown"],
    ["nothing", "", "label-empty"],
    ["a separator only", GROUP_SEPARATOR, "label-empty"],
    ["a wrong check digit", "0109506000134353", "check-digit-wrong"],
    ["a short value", "010950600013435", "value-malformed"],
    ["a serial number without key", "21S1", "element-missing"],
    ["the same AI with two values", `010950600013435221S1${GROUP_SEPARATOR}21S2`, "element-contradicts"],
    ["a serial beside a third-party serial", `010950600013435221S1${GROUP_SEPARATOR}235T1`, "element-excluded"],
    ["an expiry in month 13", "010950600013435217271301", "value-malformed"],
    ["a temperature limit without SSCC", "4331000800", "element-missing"],
    ["a birth date on a label of no patient", "725019700101", "element-missing"],
  ])("%s", (_, text, code) => expect(parseElementString(text)).toMatchObject({ ok: false, code }));

  test.each(["(01)", "01)09506000134352", "(01)09506000134352 and more(", "()1"])("%j as bracketed text", (text) => {
    expect(parseBracketedElementString(text).ok).toBe(false);
  });
});
