import type { ApplicationIdentifier } from "./application-identifiers.ts";
import { APPLICATION_IDENTIFIERS, leadingApplicationIdentifier } from "./application-identifiers.ts";
import type { ParseFailure, ParseResult } from "./result.ts";
import { parsed, refused } from "./result.ts";
import { checkValueOf, maximumLength } from "./value-format.ts";

/** FNC1 as scanners transmit it: the ASCII group separator. */
export const GROUP_SEPARATOR = "\u001d";

/** Values by Application Identifier, in the order they were read. */
export type Elements = Record<string, string>;

function unknownIdentifier(text: string): ParseFailure {
  return refused(
    "application-identifier-unknown",
    `No Application Identifier that Threadline reads begins "${text.slice(0, 4)}". Check what the label is for.`,
    text,
  );
}

function addElement(elements: Elements, identifier: ApplicationIdentifier, value: string): ParseFailure | null {
  const checked = checkValueOf(identifier, value);
  if (!checked.ok) return checked;
  const before = elements[identifier.ai];
  if (before !== undefined && before !== value) {
    return refused(
      "element-contradicts",
      `The label says (${identifier.ai}) twice: "${before}" and "${value}". Print the label anew.`,
      value,
    );
  }
  elements[identifier.ai] = value;
  return null;
}

/** Requisites and exclusions between the AIs of one label (GS1 Syntax Dictionary `req` and `ex`). */
export function checkElements(elements: Elements): ParseFailure | null {
  for (const ai of Object.keys(elements)) {
    const identifier = APPLICATION_IDENTIFIERS.get(ai);
    if (identifier === undefined) return unknownIdentifier(ai);
    const clash = identifier.excludes.find((other) => elements[other] !== undefined);
    if (clash !== undefined) {
      return refused("element-excluded", `(${ai}) and (${clash}) may not stand on one label.`, `(${ai})${elements[ai]}`);
    }
    const satisfied = identifier.requires.some((set) => set.split("+").every((other) => elements[other] !== undefined));
    if (identifier.requires.length > 0 && !satisfied) {
      return refused(
        "element-missing",
        `(${ai}) ${identifier.title} needs (${identifier.requires.join(") or (")}) on the same label.`,
        `(${ai})${elements[ai]}`,
      );
    }
  }
  if (elements["8030"] !== undefined && !hasSerialisedKey(elements)) {
    return refused("element-missing", "(8030) DIGSIG needs a key with its serial number.", elements["8030"]);
  }
  return null;
}

function hasSerialisedKey(elements: Elements): boolean {
  const lengths: Record<string, number> = { "253": 13, "255": 13, "8003": 14 };
  return Object.entries(lengths).every(([ai, bare]) => elements[ai] === undefined || elements[ai].length > bare);
}

/** An element string as scanned, after its symbology identifier: AI and value, group separators between. */
export function parseElementString(text: string): ParseResult<Elements> {
  const elements: Elements = {};
  let rest = text.startsWith(GROUP_SEPARATOR) ? text.slice(1) : text;
  if (rest === "") return refused("label-empty", "The label holds no data. Scan it again.", text);
  while (rest !== "") {
    const identifier = leadingApplicationIdentifier(rest);
    if (identifier === null) return unknownIdentifier(rest);
    const data = rest.slice(identifier.ai.length);
    const separator = data.indexOf(GROUP_SEPARATOR);
    const untilSeparator = separator < 0 ? data.length : separator;
    const length = identifier.predefinedLength ? Math.min(untilSeparator, maximumLength(identifier)) : untilSeparator;
    const failure = addElement(elements, identifier, data.slice(0, length));
    if (failure !== null) return failure;
    rest = data.slice(length);
    if (rest.startsWith(GROUP_SEPARATOR)) rest = rest.slice(1);
  }
  const failure = checkElements(elements);
  return failure ?? parsed(elements);
}

/** The form people read and type: `(01)…(21)…`; a literal `(` in a value is written `\(`. */
export function parseBracketedElementString(text: string): ParseResult<Elements> {
  const elements: Elements = {};
  const pattern = /\((\d{2,4})\)((?:\\\(|[^(])+)/y;
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      return refused(
        "value-malformed",
        `Expected (AI)value at character ${start + 1} of "${text}".`,
        text.slice(start),
      );
    }
    const identifier = APPLICATION_IDENTIFIERS.get(match[1] ?? "");
    if (identifier === undefined) return unknownIdentifier(match[1] ?? "");
    const failure = addElement(elements, identifier, (match[2] ?? "").trim().replaceAll("\\(", "("));
    if (failure !== null) return failure;
  }
  if (Object.keys(elements).length === 0) return refused("label-empty", "The label holds no data.", text);
  const failure = checkElements(elements);
  return failure ?? parsed(elements);
}

/** Writes an element string as a GS1 DataMatrix holds it; AIs of predefined length first need no separator. */
export function formatElementString(elements: Elements): string {
  const entries = orderedEntries(elements);
  return entries
    .map(([ai, value], index) => {
      const last = index === entries.length - 1;
      return ai + value + (last || APPLICATION_IDENTIFIERS.get(ai)?.predefinedLength === true ? "" : GROUP_SEPARATOR);
    })
    .join("");
}

/** Writes the form for people. */
export function formatBracketedElementString(elements: Elements): string {
  return orderedEntries(elements)
    .map(([ai, value]) => `(${ai})${value.replaceAll("(", "\\(")}`)
    .join("");
}

// An object with digit keys lists "10" before "01", so the order is settled here: predefined lengths, then by AI.
function orderedEntries(elements: Elements): [string, string][] {
  const rank = (ai: string) => (APPLICATION_IDENTIFIERS.get(ai)?.predefinedLength === true ? 0 : 1);
  return Object.entries(elements).sort(([left], [right]) => rank(left) - rank(right) || (left < right ? -1 : 1));
}
