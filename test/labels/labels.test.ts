import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  checkCharacter, containerEpc, identityAndVersionOf, LABEL_STATEMENTS, labelContentSchema, labelElements, parseLabel,
} from "../../services/model/identity/index.ts";
import type { LabelContent, LabelStatement } from "../../services/model/identity/index.ts";
import { createLabelRenderer } from "../../services/labels/index.ts";
import type { LabelFormat, LabelRenderer } from "../../services/labels/index.ts";
import { chainOfIdentity, checkedDigits, donation, text82 } from "../model/identity/arbitraries.ts";
import { decodePng, rasterise } from "./support/decode.ts";
import { readPdfPage } from "./support/pdf-page.ts";

const CONTENT: LabelContent = {
  chainOfIdentity: "CHA999926000001",
  container: { gtin: "09506000134352", serial: "APH0001" },
  productName: "Example leukapheresis, fresh",
  lot: "LOT-2026-0001",
  expiry: { moment: "2026-04-01T12:30+02:00" },
  donationIdentificationNumber: "G123417654321",
  storageTemperature: { minimumCelsius: -196, maximumCelsius: -150 },
  statements: ["not-evaluated-for-infectious-substances", "do-not-irradiate"],
  version: 2,
};

const PRINTED_AT = Date.parse("2026-03-02T09:00:00Z");

const anyContent: fc.Arbitrary<LabelContent> = fc.record({
  chainOfIdentity,
  container: fc.record({ gtin: checkedDigits(14), serial: text82(20) }),
  productName: fc.constantFrom("Example leukapheresis", "Exemple de médicament (CD19)", "W".repeat(48)),
  lot: fc.option(text82(20)),
  expiry: fc.constantFrom({ date: "2027-01-31" }, { date: "2028-02-29" }, { moment: "2026-12-31T23:59Z" }, null),
  donationIdentificationNumber: fc.option(donation),
  storageTemperature: fc.constantFrom({ minimumCelsius: 2, maximumCelsius: 8 }, { minimumCelsius: -196, maximumCelsius: -150 }),
  statements: fc.subarray(Object.keys(LABEL_STATEMENTS) as LabelStatement[], { maxLength: 4 }),
  version: fc.integer({ min: 1, max: 9999 }),
});

let renderer: LabelRenderer;
beforeAll(async () => {
  renderer = await createLabelRenderer();
});

/** Draws a label and reads its symbols off the picture. */
async function scansOf(content: LabelContent, format: LabelFormat, voided = false): Promise<string[]> {
  const file = await renderer.render({ content, voided, printedAtMilliseconds: PRINTED_AT }, format);
  if (format === "png") return decodePng(file);
  return decodePng(await rasterise(format === "svg" ? Buffer.from(file).toString("utf8") : readPdfPage(file).svg));
}

function expectSameIdentifiers(scans: string[], content: LabelContent): void {
  const labels = scans.map((scan) => {
    const result = parseLabel(scan);
    if (!result.ok) throw new Error(`${JSON.stringify(scan)}: ${result.message}`);
    return result.label;
  });
  expect(scans.map((scan) => scan.slice(0, 3)).sort()).toEqual(["]d1", "]d2"]);
  const bag = labels.find((label) => label.kind === "gs1");
  const identity = labels.find((label) => label.kind === "isbt-coi");
  expect(identity?.coi.coi).toBe(content.chainOfIdentity);
  expect(bag?.elements).toEqual(labelElements(content));
  expect(bag?.sgtin).toEqual(content.container);
  expect(bag?.epcs).toEqual([containerEpc(content.container)]);
  expect(identityAndVersionOf(bag?.elements ?? {})).toEqual({ chainOfIdentity: content.chainOfIdentity, version: content.version });
}

describe("printed labels, decoded again by another library", () => {
  it.each(["svg", "png", "pdf"] as const)("%s", async (format) => {
    expectSameIdentifiers(await scansOf(CONTENT, format), CONTENT);
  });

  it("whatever stands on them", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, fc.constantFrom("svg" as const, "pdf" as const, "png" as const), async (content, format) => {
        expect(labelContentSchema.parse(content)).toEqual(content);
        expectSameIdentifiers(await scansOf(content, format), content);
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it.each(["svg", "png", "pdf"] as const)("a voided %s holds no symbol", async (format) => {
    expect(await scansOf(CONTENT, format, true)).toEqual([]);
  });

  it("expiry, batch and version are where GS1 wants them", () => {
    expect(labelElements(CONTENT)).toEqual({
      "01": "09506000134352", "21": "APH0001", "10": "LOT-2026-0001", "7003": "2604011230", "90": "CHA999926000001V2",
    });
    expect(labelElements({ ...CONTENT, lot: null, expiry: { date: "2027-01-31" }, version: 9999 })).toEqual({
      "01": "09506000134352", "21": "APH0001", "17": "270131", "90": "CHA999926000001V9999",
    });
  });
});

const EYE_READABLE = [
  "FOR AUTOLOGOUS USE ONLY", "Example leukapheresis, fresh", "CHA9999 26 000001", "G1234 17 654321", "09506000134352", "APH0001",
  "LOT-2026-0001", "2026-04-01 12:30 UTC+02:00", "STORE AT −196 °C TO −150 °C", "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
  "DO NOT IRRADIATE", "LABEL VERSION 2",
];

describe("what people read", () => {
  it("stands in the PDF as text, with each check character in a text of its own", async () => {
    const { texts } = readPdfPage(await renderer.render({ content: CONTENT, voided: false, printedAtMilliseconds: PRINTED_AT }, "pdf"));
    expect(texts).toEqual(expect.arrayContaining([...EYE_READABLE, checkCharacter("CHA999926000001"), checkCharacter("G123417654321")]));
  });

  it("stands in the SVG, the check character in a box around it", async () => {
    const svg = Buffer.from(await renderer.render({ content: CONTENT, voided: false, printedAtMilliseconds: PRINTED_AT }, "svg")).toString("utf8");
    for (const text of EYE_READABLE) expect(svg).toContain(`>${text}</text>`);
    const boxes = [...svg.matchAll(/<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" fill="none"[^>]*>\n<text [^>]*?x="(\d+)" y="(\d+)" [^>]*textLength="([\d.]+)"[^>]*>(.)<\/text>/g)];
    expect(boxes.map((box) => box[8])).toEqual([checkCharacter("CHA999926000001"), checkCharacter("G123417654321")]);
    for (const box of boxes) {
      const [left, top, width, height, x, baseline, length] = box.slice(1, 8).map(Number) as [number, number, number, number, number, number, number];
      expect([x > left, x + length < left + width, baseline > top, baseline < top + height]).toEqual([true, true, true, true]);
    }
  });

  it("is drawn in the PNG with the typeface brought along: ink where the heading is", async () => {
    const withText = await renderer.render({ content: CONTENT, voided: false, printedAtMilliseconds: PRINTED_AT }, "png");
    const other = await renderer.render({ content: { ...CONTENT, productName: "Another" }, voided: false, printedAtMilliseconds: PRINTED_AT }, "png");
    expect(Buffer.compare(Buffer.from(withText), Buffer.from(other))).not.toBe(0);
  });

  it("markup in an identifier stays text", async () => {
    const content = { ...CONTENT, container: { ...CONTENT.container, serial: "<A&B>\"'" } };
    const svg = Buffer.from(await renderer.render({ content, voided: false, printedAtMilliseconds: PRINTED_AT }, "svg")).toString("utf8");
    expect(svg).toContain(">&lt;A&amp;B&gt;\"'</text>");
    expectSameIdentifiers(await scansOf(content, "svg"), content);
  });

  it("a voided label says so instead of the statement", async () => {
    const { texts } = readPdfPage(await renderer.render({ content: CONTENT, voided: true, printedAtMilliseconds: PRINTED_AT }, "pdf"));
    expect(texts).toEqual(expect.arrayContaining(["VOID - DO NOT USE", "VOID"]));
    expect(texts).not.toContain("FOR AUTOLOGOUS USE ONLY");
  });
});

describe("files", () => {
  it("are the same bytes for the same label", async () => {
    for (const format of ["svg", "png", "pdf"] as const) {
      const [first, second] = await Promise.all(
        [1, 2].map(() => renderer.render({ content: CONTENT, voided: false, printedAtMilliseconds: PRINTED_AT }, format)),
      );
      expect(Buffer.from(first ?? []).equals(Buffer.from(second ?? []))).toBe(true);
    }
  });

  it("print in true size, with modules of 0.508 mm", async () => {
    const png = Buffer.from(await renderer.render({ content: CONTENT, voided: false, printedAtMilliseconds: PRINTED_AT }, "png"));
    const at = png.indexOf("pHYs");
    expect([png.readUInt32BE(at + 4), png.readUInt32BE(at + 8), png.readUInt8(at + 12)]).toEqual([11811, 11811, 1]);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 800]);
    const pdf = Buffer.from(await renderer.render({ content: CONTENT, voided: false, printedAtMilliseconds: PRINTED_AT }, "pdf"));
    expect(pdf.toString("latin1")).toContain("/MediaBox [0 0 288 192]");
  });

  it("embed the typeface in the PDF and name no standard font", async () => {
    const pdf = Buffer.from(await renderer.render({ content: CONTENT, voided: false, printedAtMilliseconds: PRINTED_AT }, "pdf")).toString("latin1");
    expect(pdf.match(/\/FontFile2/g)).toHaveLength(2);
    expect(pdf).not.toMatch(/Helvetica|Times|Courier/);
  });
});

describe("content that may not be printed", () => {
  it.each([
    ["a date of birth in the product's name", { productName: "Cells 23.01.1985" }],
    ["a word for personal data", { productName: "Patient cells" }],
    ["markup", { productName: "<b>" }],
    ["letters the typeface has not", { productName: "\u7d30\u80de" }],
    ["a name where there is no field for one", { patientName: "X" }],
    ["a wrong check digit", { container: { gtin: "09506000134353", serial: "A" } }],
    ["an identifier in another form", { chainOfIdentity: "CHA9999 26 000001" }],
    ["no version", { version: 0 }],
    ["a date that is none", { expiry: { date: "2027-02-30" } }],
    ["a serial outside set 82", { container: { gtin: "09506000134352", serial: "A B" } }],
    ["a statement typed by hand", { statements: ["FOR JOHN"] }],
  ])("%s", (_, change) => expect(labelContentSchema.safeParse({ ...CONTENT, ...change }).success).toBe(false));
});
