import { describe, expect, test } from "vitest";
import type { Elements, ParseFailure } from "../../../services/model/identity/index.ts";
import {
  canonicalDigitalLink, GROUP_SEPARATOR, parseBracketedElementString, parseDigitalLink, parseElementString, parseLabel,
} from "../../../services/model/identity/index.ts";
import { readJson, sharedData } from "../epcis/shared-data.ts";

const folder = sharedData("gs1-syntax-engine");

type Vectors = Record<string, unknown[][]>;
const vectors = folder === null ? {} : (readJson(folder, "vectors.json") as Vectors);

function ofKind(kind: string): unknown[][] {
  return Object.entries(vectors).find(([name]) => name.startsWith(kind))?.[1] ?? [];
}

type Outcome = { ok: true; value: Elements } | ParseFailure;

/** The engine judges syntax apart from requisites between AIs; Threadline does both at once. */
const REQUISITES = ["element-missing", "element-excluded"];

/** ^ stands for FNC1 in the vectors. */
function elementString(text: string): string {
  return text.replaceAll("^", GROUP_SEPARATOR);
}

function elementsOf(text: string): Elements | null {
  const result = parseElementString(elementString(text));
  return result.ok ? result.value : null;
}

/** Digital Links where the engine and Threadline differ on purpose. */
const DIFFERENT: Record<string, string> = {
  "https://a/01/416000336108": "a GTIN-12 without leading zeros, which the EPCIS event hash pads too",
  "https://a/8004/9520614141234567?01=02345673": "a GTIN-8 without leading zeros",
};

interface Tally {
  applied: number;
  notApplicable: number;
}

/** Compares verdict and, where both succeed, elements. AIs Threadline does not read make a vector not applicable. */
function compare(tally: Tally, outcome: Outcome, shouldSucceed: boolean, expected: string | null, name: string): void {
  if (!outcome.ok && outcome.code === "application-identifier-unknown") {
    tally.notApplicable += 1;
    return;
  }
  tally.applied += 1;
  const wellFormed = outcome.ok || REQUISITES.includes(outcome.code);
  expect(wellFormed, `${name}: ${outcome.ok ? "accepted" : outcome.message}`).toBe(shouldSucceed);
  if (outcome.ok && expected !== null) expect(outcome.value, name).toEqual(elementsOf(expected));
}

function report(kind: string, tally: Tally): void {
  console.warn(`GS1 syntax engine ${kind}: ${tally.applied} vectors applied, ${tally.notApplicable} use AIs not read here`);
}

describe.skipIf(folder === null)("GS1 syntax engine vectors", () => {
  test("bracketed element strings", () => {
    const tally = { applied: 0, notApplicable: 0 };
    for (const [ok, input, expected] of ofKind("parseAIdata")) {
      if (typeof input !== "string") continue;
      compare(tally, parseBracketedElementString(input), ok === true, String(expected), input);
    }
    report("bracketed", tally);
    expect(tally.applied).toBe(17);
  });

  test("element strings", () => {
    const tally = { applied: 0, notApplicable: 0 };
    for (const [ok, input] of ofKind("processAIdata")) {
      // Without FNC1 first the engine sees plain data; here the caller has already said it is an element string.
      if (typeof input !== "string" || !input.startsWith("^")) continue;
      compare(tally, parseElementString(elementString(input)), ok === true, null, input);
    }
    report("element strings", tally);
    expect(tally.applied).toBe(19);
  });

  test("repeats, exclusions and requisites", () => {
    const tally = { applied: 0, notApplicable: 0 };
    for (const [ok, , input] of ofKind("validateAIs")) {
      const outcome = parseBracketedElementString(String(input));
      if (!outcome.ok && outcome.code === "application-identifier-unknown") {
        tally.notApplicable += 1;
        continue;
      }
      tally.applied += 1;
      // (99) and the like need nothing, so that a vector's other AIs decide.
      expect(outcome.ok, `${String(input)}: ${outcome.ok ? "accepted" : outcome.message}`).toBe(ok);
    }
    report("requisites", tally);
    expect(tally.applied).toBe(36);
  });

  test("scans with symbology identifiers", () => {
    const tally = { applied: 0, notApplicable: 0 };
    for (const [ok, input, , expected] of ofKind("processScanData")) {
      const scan = String(input);
      if (!/^\](d2|C1|Q3|e0|J1|[A-Za-z]\d(https?|HTTPS?):)/.test(scan) || scan.includes("|") || scan.includes("^")) continue;
      const result = parseLabel(scan);
      const outcome: Outcome = result.ok
        ? { ok: true, value: result.label.kind === "gs1" ? result.label.elements : {} }
        : result;
      const isLink = /^https?:/i.test(String(expected));
      compare(tally, outcome, ok === true, isLink ? null : String(expected), scan);
    }
    report("scans", tally);
    expect(tally.applied).toBeGreaterThanOrEqual(12);
  });

  test("Digital Link URIs", () => {
    const tally = { applied: 0, notApplicable: 0 };
    const all = ofKind("parseDLuri");
    // Some URIs stand twice, with and without an option of the engine; Threadline takes the lenient reading.
    const allowedByOption = new Set(all.filter(([ok]) => ok === true).map(([, uri]) => uri));
    for (const [ok, uri, expected] of all) {
      if (typeof uri !== "string" || (ok === false && allowedByOption.has(uri))) continue;
      if (Object.hasOwn(DIFFERENT, uri)) continue;
      compare(tally, parseDigitalLink(uri), ok === true, String(expected), uri);
    }
    report("Digital Links", tally);
    expect(tally.applied).toBeGreaterThanOrEqual(50);
  });

  test("generated Digital Links are canonical already, but for query and finer qualifiers", () => {
    let applied = 0;
    for (const [ok, , input, uri] of ofKind("generateDLuri")) {
      if (ok !== true || !/^\(01\)\d+\(21\)/.test(String(input))) continue;
      const label = parseLabel(String(input));
      expect(label.ok && label.label.kind === "gs1" && label.label.epcs[0]).toBe(canonicalDigitalLink(String(uri)));
      applied += 1;
    }
    expect(applied).toBe(2);
  });
});
