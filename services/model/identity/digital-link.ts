import { APPLICATION_IDENTIFIERS } from "./application-identifiers.ts";
import type { Elements } from "./element-string.ts";
import { checkElements } from "./element-string.ts";
import { epcUrnToDigitalLink } from "./epc-urn.ts";
import type { ParseResult } from "./result.ts";
import { parsed, refused } from "./result.ts";
import { checkValueOf } from "./value-format.ts";

const CANONICAL_STEM = "https://id.gs1.org";

const KEY_NAMES: Readonly<Record<string, string>> = {
  gtin: "01", itip: "8006", cpid: "8010", gln: "414", party: "417", gsrnp: "8017", gsrn: "8018", gcn: "255",
  sscc: "00", gdti: "253", ginc: "401", gsin: "402", grai: "8003", giai: "8004",
};
const QUALIFIER_NAMES: Readonly<Record<string, string>> = { cpv: "22", lot: "10", ser: "21" };

/** The qualifiers each primary key may carry in a path, in path order; a third-party serial (235) stands alone. */
const QUALIFIERS: Readonly<Record<string, string[]>> = {
  "00": [], "01": ["22", "10", "21", "235"], "253": [], "255": [], "401": [], "402": [], "414": ["254"], "417": [],
  "8003": [], "8004": [], "8006": ["22", "10", "21"], "8010": ["8011"], "8017": ["8019"], "8018": ["8019"],
};

/** Keys the EPCIS event hash normalises; a path with the therapy instance (8019) is left as it is written. */
const PATH_SHAPES: Readonly<Record<string, RegExp>> = {
  "00": /^\d{18}$/, "01": /^\d{14}$/, "253": /^\d{13}[^/]{0,}$/, "255": /^\d{13,25}$/, "401": /^\d{4}[^/]+$/,
  "402": /^\d{17}$/, "414": /^\d{13}$/, "417": /^\d{13}$/, "8003": /^\d{14}[^/]*$/, "8004": /^\d{4}[^/]*$/,
  "8006": /^\d{18}$/, "8010": /^\d{4}[^/]*$/, "8017": /^\d{18}$/, "8018": /^\d{18}$/,
};
const PATH_VALUE = /^(?:%[0-9A-Fa-f]{2}|["'\-.0-9;<=>?A-Z_a-z]){0,30}$/;

interface LinkPath {
  key: string;
  value: string;
  qualifiers: [string, string][];
}

const lookUp = (names: Readonly<Record<string, string>>, name: string) =>
  Object.hasOwn(names, name) ? names[name] : undefined;

/** No key has more qualifiers than a GTIN: three, with their names. */
const LONGEST_TAIL = 6;

/** Finds the primary key in a path, after any custom stem. */
function linkPath(segments: string[]): LinkPath | null {
  for (let index = Math.max(0, segments.length - LONGEST_TAIL - 2); index + 1 < segments.length; index += 1) {
    const segment = segments[index] ?? "";
    const key = lookUp(KEY_NAMES, segment) ?? segment;
    const allowed = Object.hasOwn(QUALIFIERS, key) ? QUALIFIERS[key] : undefined;
    const value = segments[index + 1] ?? "";
    const rest = segments.slice(index + 2);
    if (allowed === undefined || !/^\d{4}/.test(value) || rest.length % 2 !== 0) continue;
    const qualifiers: [string, string][] = [];
    for (let at = 0; at < rest.length; at += 2) {
      const name = rest[at] ?? "";
      qualifiers.push([lookUp(QUALIFIER_NAMES, name) ?? name, rest[at + 1] ?? ""]);
    }
    const positions = qualifiers.map(([name]) => allowed.indexOf(name));
    const inOrder = positions.every((position, at) => position > (at === 0 ? -1 : (positions[at - 1] ?? -1)));
    if (!inOrder || (qualifiers.length > 1 && positions.includes(allowed.indexOf("235")) && key === "01")) continue;
    return { key, value: key === "01" ? padGtin(value) : value, qualifiers };
  }
  return null;
}

function padGtin(value: string): string {
  return /^(\d{8}|\d{12,13})$/.test(value) ? value.padStart(14, "0") : value;
}

/**
 * The canonical GS1 Digital Link URI of an EPC URN or Digital Link URI, as the EPCIS event hash needs it: stem
 * `https://id.gs1.org`, AI numbers, GTINs of 14 digits, only the finest level of identification, no query.
 * Null when the text is not such a URI. Check digits of a Digital Link are not judged here.
 */
export function canonicalDigitalLink(uri: string): string | null {
  if (uri.startsWith("urn:")) return epcUrnToDigitalLink(uri);
  const match = /^https?:\/\/[^/?#]+((?:\/[^/?#]+)+)(?:\?[^#\n]*)?$/.exec(uri);
  const path = match === null ? null : linkPath((match[1] ?? "").slice(1).split("/"));
  if (path === null || PATH_SHAPES[path.key]?.test(path.value) !== true || !PATH_VALUE.test(path.value)) return null;
  const kept = path.qualifiers.filter(([ai]) => ai !== "22").at(-1);
  if (kept === undefined) return `${CANONICAL_STEM}/${path.key}/${path.value}`;
  if (kept[0] === "8019" || !PATH_VALUE.test(kept[1])) return null;
  return `${CANONICAL_STEM}/${path.key}/${path.value}/${kept[0]}/${kept[1]}`;
}

/**
 * What EPCs are compared by: the canonical Digital Link with one way of percent-encoding, or the URI as written when
 * it names no GS1 key.
 */
export function canonicalEpc(uri: string): string {
  const link = canonicalDigitalLink(uri);
  if (link === null) return uri;
  const segments = link.slice(CANONICAL_STEM.length).split("/");
  return CANONICAL_STEM + segments.map((segment) => encodePathValue(decode(segment) ?? segment)).join("/");
}

function decode(text: string): string | null {
  try {
    const decoded = decodeURIComponent(text);
    return decoded.includes("\u0000") ? null : decoded;
  } catch {
    return null;
  }
}

/** All elements of a GS1 Digital Link URI: key, qualifiers, and the AIs of its query; other query words are ignored. */
export function parseDigitalLink(uri: string): ParseResult<Elements> {
  const match = /^(?:https?|HTTPS?):\/\/[^/?#\s]+(\/[^?#]*)(?:\?([^#]*))?(?:#.*)?$/.exec(uri);
  const path = match === null ? null : linkPath((match[1] ?? "").replace(/\/$/, "").slice(1).split("/"));
  if (match === null || path === null || /[\s<>{}\\^|`"]/.test(uri)) {
    return refused("value-malformed", `"${uri}" is not a GS1 Digital Link URI.`, uri);
  }
  const query = (match[2] ?? "").split("&").flatMap((pair): [string, string][] => {
    // In a query + is a space, which no AI's value may hold; a plus sign is sent as %2B.
    const [name = "", value] = pair.replaceAll("+", "%20").split("=", 2);
    return /^\d{2,4}$/.test(name) && value !== undefined ? [[name, name === "01" ? padGtin(value) : value]] : [];
  });
  const elements: Elements = {};
  for (const [ai, encoded] of [[path.key, path.value] as [string, string], ...path.qualifiers, ...query]) {
    const identifier = APPLICATION_IDENTIFIERS.get(ai);
    if (identifier === undefined) {
      return refused("application-identifier-unknown", `Threadline reads no Application Identifier (${ai}).`, uri);
    }
    const value = decode(encoded);
    if (value === null) return refused("value-malformed", `"${encoded}" is no percent-encoded text.`, encoded);
    if (elements[ai] !== undefined) return refused("element-contradicts", `"${uri}" says (${ai}) twice.`, encoded);
    const checked = checkValueOf(identifier, value);
    if (!checked.ok) return checked;
    elements[ai] = value;
  }
  return checkElements(elements) ?? parsed(elements);
}

/** Percent-encodes a value for a Digital Link path as its canonical form does. */
export function encodePathValue(value: string): string {
  return value.replace(/[^'\-.0-9;=A-Z_a-z]/g, percentEncode);
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** Every EPC the elements name, as canonical Digital Links, the finest level of each key. */
export function epcsOf(elements: Elements): string[] {
  const links: string[] = [];
  for (const [key, qualifiers] of Object.entries(QUALIFIERS)) {
    const value = elements[key];
    if (value === undefined) continue;
    const finest = qualifiers.filter((ai) => ai !== "22" && elements[ai] !== undefined);
    const ai = finest.includes("21") ? "21" : finest.at(-1);
    const tail = ai === undefined ? "" : `/${ai}/${encodePathValue(elements[ai] ?? "")}`;
    links.push(`${CANONICAL_STEM}/${key}/${encodePathValue(value)}${tail}`);
  }
  return links;
}
