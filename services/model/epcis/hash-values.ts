import { canonicalDigitalLink } from "../identity/index.ts";
import type { Namespaces } from "./json-ld-context.ts";
import { expandName } from "./json-ld-context.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { VOCABULARIES, vocabularyUri } from "./vocabulary.ts";

const DATE_TIME = /^(.+T\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;
const NUMBER = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** UTC with milliseconds and `Z`; the third decimal is rounded up when the fourth is 5 to 9. */
export function canonicalTime(text: string): string {
  const match = DATE_TIME.exec(text);
  if (match === null) return text;
  const [, seconds = "", fraction = "", offset = ""] = match;
  const epochMilliseconds = Date.parse(`${seconds}${offset}`);
  if (Number.isNaN(epochMilliseconds)) return text;
  const milliseconds = Number(fraction.padEnd(3, "0").slice(0, 3)) + (Number(fraction.charAt(3)) >= 5 ? 1 : 0);
  return new Date(epochMilliseconds + milliseconds).toISOString();
}

/**
 * A number in plain decimals without leading or trailing zeros. Done on the digits, not in floating point: serial
 * numbers of 18 digits would lose their last digits and two different events would share a hash.
 */
export function canonicalNumber(text: string): string {
  const match = NUMBER.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const position = point <= 0 ? 1 : point;
  const integer = padded.slice(0, position).replace(/^0+(?=\d)/, "");
  const decimals = padded.slice(position).replace(/0+$/, "");
  const magnitude = decimals === "" ? integer : `${integer}.${decimals}`;
  return sign === "-" && magnitude !== "0" ? `-${magnitude}` : magnitude;
}

const LEGACY_VOCABULARIES: readonly Vocabulary[] = Object.values(VOCABULARIES).filter(
  (vocabulary: Vocabulary) => vocabulary.legacyStem !== null,
);

/** A JSON value as the pre-hash string writes it: trimmed, prefixes expanded, one form for URIs and numbers. */
export function canonicalValue(value: unknown, namespaces: Namespaces): string {
  if (value === null || value === undefined) return "";
  const text = expandName(String(value).trim(), namespaces);
  const legacy = LEGACY_VOCABULARIES.reduce((uri, vocabulary) => {
    return vocabulary.words.includes(uri) ? uri : vocabularyUri(vocabulary, uri);
  }, text);
  const number = canonicalNumber(legacy);
  return canonicalDigitalLink(number) ?? number;
}

/** A term of a vocabulary: bare words become their URIs. */
export function canonicalTerm(vocabulary: Vocabulary, value: unknown, namespaces: Namespaces): string {
  return canonicalValue(vocabularyUri(vocabulary, String(value).trim()), namespaces);
}

const encoder = new TextEncoder();

function compareBytes(left: string, right: string): number {
  const leftBytes = encoder.encode(left);
  const rightBytes = encoder.encode(right);
  for (let index = 0; index < Math.min(leftBytes.length, rightBytes.length); index += 1) {
    const difference = (leftBytes[index] ?? 0) - (rightBytes[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return leftBytes.length - rightBytes.length;
}

/** The order of the UTF-8 bytes, which differs from UTF-16's only where surrogates stand. */
export function compareText(left: string, right: string): number {
  if (/[\ud800-\udfff]/.test(left + right)) return compareBytes(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}
