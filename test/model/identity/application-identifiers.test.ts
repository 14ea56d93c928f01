import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { APPLICATION_IDENTIFIERS, leadingApplicationIdentifier } from "../../../services/model/identity/index.ts";
import { VALUE_CHECKS } from "../../../services/model/identity/value-checks.ts";
import { valueComponents } from "../../../services/model/identity/value-format.ts";
import { readJson, sharedData } from "../epcis/shared-data.ts";

const folder = sharedData("gs1-syntax-dictionary");

interface Entry {
  predefinedLength: boolean;
  format: string;
  title: string;
  requires: string[];
  excludes: string[];
}

/** GS1's dictionary, without the company prefix look-ups and Digital Link attributes. */
function dictionary(path: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const match = /^(\d{2,4})(?:-(\d{2,4}))?\s+(\*?\??)\s+(.*?)\s*#\s*(.*)$/.exec(line);
    if (match === null) continue;
    const [, from = "", to = from, flags = "", body = "", title = ""] = match;
    const words = body.split(/\s+/);
    const list = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1).split(",") ?? [];
    const format = words.filter((word) => /^\[?[NXYZ](\.\.)?\d/.test(word)).join(" ").replace(/,gcppos[12]|,hasnondigit/g, "");
    for (let ai = Number(from); ai <= Number(to); ai += 1) {
      entries.set(String(ai).padStart(from.length, "0"), {
        predefinedLength: flags.includes("*"), format, title, requires: list("req"), excludes: list("ex"),
      });
    }
  }
  return entries;
}

test("the longest matching AI is unique: none begins another", () => {
  const ais = [...APPLICATION_IDENTIFIERS.keys()];
  expect(ais.filter((ai) => ais.some((other) => other !== ai && other.startsWith(ai)))).toEqual([]);
  expect(leadingApplicationIdentifier("8018123456789012345675")?.title).toBe("GSRN - RECIPIENT");
  expect(leadingApplicationIdentifier("89ABC")).toBeNull();
  expect(leadingApplicationIdentifier("0")).toBeNull();
});

test("every named check is written", () => {
  const named = [...APPLICATION_IDENTIFIERS.values()].flatMap(({ format }) => valueComponents(format).flatMap(({ checks }) => checks));
  expect([...new Set(named)].filter((name) => !Object.hasOwn(VALUE_CHECKS, name))).toEqual([]);
});

describe.skipIf(folder === null)("GS1's syntax dictionary", () => {
  test("has each AI as it stands here", () => {
    const entries = dictionary(join(folder ?? "", "gs1-syntax-dictionary.txt"));
    for (const { ai, ...ours } of APPLICATION_IDENTIFIERS.values()) expect({ ai, ...ours }).toEqual({ ai, ...entries.get(ai) });
    console.warn(`GS1 syntax dictionary: ${APPLICATION_IDENTIFIERS.size} of ${entries.size} AIs are read and agree`);
    expect(APPLICATION_IDENTIFIERS.size).toBeGreaterThanOrEqual(85);
  });

  interface LinterVectors {
    linters: Record<string, { pass: string[]; fail: { in: string }[] }>;
  }
  const { linters } = folder === null ? { linters: {} } : (readJson(folder, "linter-vectors.json") as LinterVectors);
  const names = Object.keys(VALUE_CHECKS).filter((name) => Object.hasOwn(linters, name));

  test("covers every check used here", () => expect(names).toEqual(Object.keys(VALUE_CHECKS)));

  test.each(names)("%s agrees on all its vectors", (name) => {
    const vectors = linters[name];
    const check = VALUE_CHECKS[name];
    const refusedPass = vectors?.pass.filter((value) => check?.(value) !== null);
    const acceptedFail = vectors?.fail.map(({ in: value }) => value).filter((value) => check?.(value) === null);
    expect({ refusedPass, acceptedFail }).toEqual({ refusedPass: [], acceptedFail: [] });
  });
});
