import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatGs1Key, parseGs1Key, parseLabel, required } from "../../../services/model/identity/index.ts";
import type { Gs1Form, Gs1Key } from "../../../services/model/identity/index.ts";
import { checkedDigits, digits, text82 } from "./arbitraries.ts";

const FORMS: Gs1Form[] = ["scanned", "bracketed", "digital-link"];

const relation = fc.record(
  {
    kind: fc.constant("gsrn" as const),
    role: fc.constantFrom("provider" as const, "recipient" as const),
    gsrn: checkedDigits(18),
    serviceInstance: fc.integer({ min: 1, max: 10 }).chain(digits),
  },
  { requiredKeys: ["kind", "role", "gsrn"] },
);

const anyKey: fc.Arbitrary<Gs1Key> = fc.oneof(
  fc.record({ kind: fc.constant("sgtin" as const), gtin: checkedDigits(14), serial: text82(20) }),
  fc.record({ kind: fc.constant("sscc" as const), sscc: checkedDigits(18) }),
  fc.record({ kind: fc.constant("grai" as const), assetType: checkedDigits(13), serial: text82(16) }),
  fc.record({ kind: fc.constant("giai" as const), giai: fc.tuple(digits(4), text82(26)).map((parts) => parts.join("")) }),
  relation,
);

describe("GS1 keys", () => {
  test("survive writing and reading in every form, and are written as they were read", () => {
    fc.assert(
      fc.property(anyKey, fc.constantFrom(...FORMS), (key, form) => {
        const text = formatGs1Key(key, form);
        expect(required(parseGs1Key(text))).toEqual(key);
        expect(formatGs1Key(required(parseGs1Key(text)), form)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("any one wrong digit under a check digit is found", () => {
    const checked = fc.oneof(
      fc.record({ kind: fc.constant("sscc" as const), sscc: checkedDigits(18) }),
      fc.record({ kind: fc.constant("gsrn" as const), role: fc.constant("recipient" as const), gsrn: checkedDigits(18) }),
    );
    fc.assert(
      fc.property(checked, fc.nat(17), fc.integer({ min: 1, max: 9 }), (key, position, shift) => {
        const text = formatGs1Key(key, "bracketed");
        const at = text.indexOf(")") + 1 + position;
        const wrong = text.slice(0, at) + ((Number(text[at]) + shift) % 10) + text.slice(at + 1);
        expect(parseGs1Key(wrong)).toMatchObject({ ok: false, code: "check-digit-wrong" });
      }),
    );
  });

  test("the therapy instance of a recipient is read", () => {
    const text = "https://id.gs1.org/8018/123456789012345675/8019/12";
    expect(required(parseGs1Key(text))).toEqual({ kind: "gsrn", role: "recipient", gsrn: "123456789012345675", serviceInstance: "12" });
    expect(parseLabel("(8018)123456789012345675(8019)12")).toMatchObject({ label: { gsrn: "123456789012345675", srin: "12" } });
  });

  test.each([
    ["two keys", "(00)340123451111111111(8004)9506000134LOG7"],
    ["a key with a batch", "(01)09506000134352(21)A(10)LOT"],
    ["a product without serial", "(01)09506000134352"],
    ["an ISBT 128 identifier", "&/CHA123426000001"],
    ["an instance of eleven digits", "(8018)123456789012345675(8019)12345678901"],
  ])("%s is refused", (_, text) => expect(parseGs1Key(text).ok).toBe(false));
});
