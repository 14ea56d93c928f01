import { describe, expect, it } from "vitest";
import { MOST_PHASES, MOST_TESTS, UNUSED_CRITERION, circuitCriteria, specificationCommitment, specificationDigest, specificationDocument, specificationDocumentHash, specificationSchema } from "../../../services/model/quality/index.ts";
import type { Specification } from "../../../services/model/quality/index.ts";
import { fullSpecification, testSpecification } from "../../circuits/support/batches.ts";

const [first] = testSpecification.tests;
const phase = { phase: "harvest", title: "Harvest" };
const numeric = { test: "a", title: "A", kind: "numeric", unit: "%", decimals: 1, minimum: "1.0", maximum: "2.0", mandatory: true };

describe("a specification document", () => {
  it("has one text for one content, whatever the order of its members and whether defaults are written", () => {
    const reordered = specificationSchema.parse(Object.fromEntries(Object.entries(JSON.parse(specificationDocument(testSpecification)) as object).reverse()));
    expect(specificationDocumentHash(reordered)).toBe(specificationDocumentHash(testSpecification));
    expect(specificationDigest(testSpecification)).toBe(BigInt(specificationDocumentHash(testSpecification)) >> 3n);
    expect(specificationDocument(testSpecification)).toContain('"late":false');
  });

  const refused: [string, Record<string, unknown>, string][] = [
    ["without tests", { tests: [] }, "tests"],
    ["without phases", { phases: [] }, "phases"],
    ["without a mandatory test", { tests: [{ ...numeric, mandatory: false }] }, "mandatory"],
    ["whose only mandatory test is late", { tests: [{ ...numeric, late: true }] }, "first stage"],
    ["with a seventeenth test", { tests: Array.from({ length: MOST_TESTS + 1 }, (_, place) => ({ ...numeric, test: `t${place}` })) }, "tests"],
    ["with a thirty-third phase", { phases: Array.from({ length: MOST_PHASES + 1 }, (_, place) => ({ phase: `p${place}`, title: "P" })) }, "phases"],
    ["that names a test twice", { tests: [numeric, numeric] }, "twice"],
    ["that names a phase twice", { phases: [phase, phase] }, "twice"],
    ["with a minimum above the maximum", { tests: [{ ...numeric, minimum: "2.1" }] }, "above its maximum"],
    ["with a limit of more decimals than its test", { tests: [{ ...numeric, minimum: "1.05" }] }, "decimals"],
    ["with a limit beyond 64 bits", { tests: [{ ...numeric, maximum: "922337203685477580.8" }] }, "64 bits"],
    ["with a limit that is a number", { tests: [{ ...numeric, minimum: 1 }] }, "expected string"],
    ["with a unit of spaces", { tests: [{ ...numeric, unit: "per mL" }] }, "UCUM"],
    ["with a qualitative test that has limits", { tests: [{ test: "a", title: "A", kind: "qualitative", expected: "negative", minimum: "0", mandatory: true }] }, "minimum"],
    ["with members nobody knows", { author: "x" }, "author"],
    ["without a recipe", { recipeHash: undefined }, "recipeHash"],
  ];
  it.each(refused)("%s is refused", (_name, changes, message) => {
    const result = specificationSchema.safeParse({ ...testSpecification, ...changes });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).toContain(message);
  });
});

describe("a specification's commitment", () => {
  it("fills the circuit's places, unused ones with a criterion nothing meets", () => {
    const criteria = circuitCriteria(testSpecification, "final");
    expect(criteria).toHaveLength(MOST_TESTS);
    expect(criteria[testSpecification.tests.length]).toEqual({ ...UNUSED_CRITERION, isMandatory: false });
    expect(circuitCriteria(fullSpecification, "final").every(({ isMandatory }) => isMandatory)).toBe(true);
  });

  it("changes with everything the document says", () => {
    const changed = (changes: Partial<Specification>): Specification => ({ ...testSpecification, ...changes });
    const withTest = (changes: object): Specification => changed({ tests: [{ ...first, ...changes } as Specification["tests"][number], ...testSpecification.tests.slice(1)] });
    const variants = [
      testSpecification,
      changed({ name: "other" }),
      changed({ version: 4 }),
      changed({ recipeHash: `0x${"ac".repeat(32)}` }),
      changed({ tests: [...testSpecification.tests].reverse() }),
      changed({ phases: [...testSpecification.phases].reverse() }),
      changed({ phases: testSpecification.phases.slice(1) }),
      withTest({ test: "viability" }),
      withTest({ title: "Viable cells" }),
      withTest({ unit: "1" }),
      withTest({ decimals: 2 }),
      withTest({ minimum: "70.1" }),
      withTest({ maximum: "99.9" }),
      withTest({ mandatory: false }),
    ];
    expect(new Set(variants.map((variant) => specificationCommitment(variant))).size).toBe(variants.length);
  });

  it("differs between the stages of a two-stage release only when there are late tests", () => {
    expect(specificationCommitment(testSpecification, "first")).not.toBe(specificationCommitment(testSpecification, "final"));
    expect(specificationCommitment(fullSpecification, "first")).toBe(specificationCommitment(fullSpecification, "final"));
  });
});
