import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ExpectedIdentity } from "../../../services/model/identity/index.ts";
import {
  formatBracketedElementString, formatCoiIdentifier, formatDonationIdentificationNumber, formatElementString, matchLabel, parseLabel,
} from "../../../services/model/identity/index.ts";
import { elements } from "./arbitraries.ts";

const BAG = "https://id.gs1.org/01/09506000134352/21/APH0001";
const COI = "CHA123426000001";
const DIN = "G123417654321";

describe("what a scanner sends", () => {
  test.each([
    ["GS1 DataMatrix", "]d2010950600013435221APH0001"],
    ["GS1-128", "]C1010950600013435221APH0001"],
    ["GS1 QR Code", "]Q3010950600013435221APH0001"],
    ["GS1 DataBar", "]e0010950600013435221APH0001"],
    ["a leading FNC1", "\u001d010950600013435221APH0001"],
    ["no symbology identifier", "010950600013435221APH0001\r\n"],
    ["bracketed text", "(01)09506000134352(21)APH0001"],
    ["a Digital Link", "https://brand.example.com/01/09506000134352/21/APH0001?17=270131"],
    ["a Digital Link in a QR Code", `]Q1${BAG}`],
  ])("%s", (_, raw) => {
    expect(parseLabel(raw)).toMatchObject({
      ok: true,
      label: { kind: "gs1", sgtin: { gtin: "09506000134352", serial: "APH0001" }, epcs: [BAG] },
    });
  });

  test("separators end values of variable length", () => {
    expect(parseLabel("]d2010950600013435210LOT7\u001d21APH0001\u001d17270131")).toMatchObject({
      ok: true,
      label: { elements: { "01": "09506000134352", "10": "LOT7", "17": "270131", "21": "APH0001" } },
    });
  });

  test("keys of shippers, loggers and people", () => {
    expect(parseLabel("(00)340123451111111111")).toMatchObject({ label: { sscc: "340123451111111111" } });
    expect(parseLabel("(8003)09506000134376S1")).toMatchObject({ label: { grai: { assetType: "9506000134376", serial: "S1" } } });
    expect(parseLabel("(8004)9506000134LOG7")).toMatchObject({ label: { giai: "9506000134LOG7" } });
    expect(parseLabel("(8018)123456789012345675")).toMatchObject({ label: { gsrn: "123456789012345675" } });
  });

  test.each([`&/${COI}`, `]C0&/${COI}`, COI, formatCoiIdentifier(COI, "eye-readable")])("Chain of Identity as %j", (raw) => {
    expect(parseLabel(raw)).toMatchObject({ ok: true, label: { kind: "isbt-coi", coi: { coi: COI } } });
  });

  test.each([`=${DIN}00`, `]C0=${DIN}00`, formatDonationIdentificationNumber(DIN, "eye-readable"), `${DIN}A`])(
    "donation number as %j",
    (raw) => expect(parseLabel(raw)).toMatchObject({ ok: true, label: { kind: "isbt-din", din: { din: DIN } } }),
  );

  test("any GS1 label, however it is written", () => {
    fc.assert(
      fc.property(elements, (label) => {
        expect(parseLabel(`]d2${formatElementString(label)}`)).toMatchObject({ ok: true, label: { elements: label } });
        expect(parseLabel(formatBracketedElementString(label))).toMatchObject({ ok: true, label: { elements: label } });
      }),
    );
  });
});

describe("what is refused", () => {
  test.each([
    ["", "label-empty"],
    ["]d2", "label-empty"],
    ["]d1", "label-empty"],
    ["hello", "label-unknown"],
    ["]E09506000134352", "label-unknown"],
    ["]d2010950600013435321APH0001", "check-digit-wrong"],
    ["=G12341765432171", "check-digit-wrong"],
    ["G1234 17 654321 B", "check-digit-wrong"],
    ["&/CH", "value-malformed"],
    ["1".repeat(5000), "value-malformed"],
  ])("%j", (raw, code) => expect(parseLabel(raw)).toMatchObject({ ok: false, code }));

  test("a wrong check digit names what was expected", () => {
    expect(parseLabel("(01)09506000134353(21)APH0001")).toMatchObject({
      message: expect.stringContaining("check digit 3, expected 2") as string,
      observed: "09506000134353",
    });
  });

  test("no text makes the parser throw", () => {
    const head = fc.constantFrom("", "]d2", "(01)", "https://a/01/", "=", "&/");
    fc.assert(
      fc.property(head, fc.string({ unit: "binary", maxLength: 60 }), (start, rest) => {
        expect(parseLabel(start + rest)).toHaveProperty("ok");
      }),
    );
  });
});

describe("matching a label to a journey", () => {
  const journey: ExpectedIdentity = {
    chainOfIdentity: COI,
    donationIdentificationNumbers: [DIN],
    epcs: ["urn:epc:id:sgtin:9506000.013435.APH0001", "https://id.gs1.org/8003/09506000134376S1"],
  };

  function matched(raw: string, expected: ExpectedIdentity = journey) {
    const result = parseLabel(raw);
    if (!result.ok) throw new Error(result.message);
    return matchLabel(result.label, expected);
  }

  test.each([`&/${COI}`, `=${DIN}00`, "(01)09506000134352(21)APH0001(10)LOT7", "(8003)09506000134376S1"])("%s belongs to it", (raw) => {
    expect(matched(raw)).toMatchObject({ match: true });
  });

  test.each([
    ["another therapy", "&/CHA123426000002", "CHA123426000002"],
    ["another donation", "=G12341765432200", "G123417654322"],
    ["another bag", "(01)09506000134352(21)APH0002", "https://id.gs1.org/01/09506000134352/21/APH0002"],
    ["the product without serial number", "(01)09506000134352", "https://id.gs1.org/01/09506000134352"],
    ["a label that names nothing", "(400)ORDER7", "(400)ORDER7"],
  ])("%s does not", (_, raw, observed) => {
    const { match, reason, observed: named } = matched(raw);
    expect({ match, named }).toEqual({ match: false, named: observed });
    expect(reason.length).toBeGreaterThan(20);
  });

  test("expected identifiers may be written in any form", () => {
    expect(matched(COI, { chainOfIdentity: `&/${COI}`, donationIdentificationNumbers: [], epcs: [] }).match).toBe(true);
    expect(matched(`=${DIN}00`, { chainOfIdentity: "", donationIdentificationNumbers: ["G1234 17 654321 A"], epcs: [] }).match).toBe(true);
  });

  test("an empty journey matches nothing", () => {
    expect(matched(`=${DIN}00`, { chainOfIdentity: "", donationIdentificationNumbers: [], epcs: [] })).toMatchObject({ match: false });
  });
});
