import { checkDigit } from "./check-digit.ts";

/**
 * EPC URNs (`urn:epc:id:…`, `urn:epc:class:…`, `urn:epc:idpat:…`; GS1 EPC Tag Data Standard) rewritten as canonical
 * GS1 Digital Link URIs. The company prefix and the reference after it share a fixed number of digits.
 */
interface UrnScheme {
  /** Digits of company prefix and reference together; the check digit is not in an EPC URN. */
  digits: number;
  /** Greatest number of characters of the serial part; 0 when the scheme has none. */
  serialLength: number;
  serialDigitsOnly?: boolean;
  path: (digits: string, serial: string, pieceAndTotal: string) => string;
}

const CANONICAL_STEM = "https://id.gs1.org";
const SERIAL_CHARACTERS = "(?:%[0-9A-Fa-f]{2}|[!')(*+,.0-9:;=A-Za-z_-])";

const checked = (digits: string) => digits + checkDigit(digits);

const qualifier = (ai: string, value: string) => (value === "" ? "" : `/${ai}/${value}`);

const SCHEMES: Readonly<Record<string, UrnScheme>> = {
  sgtin: { digits: 13, serialLength: 20, path: (d, s) => `/01/${checked(d)}${qualifier("21", s)}` },
  lgtin: { digits: 13, serialLength: 20, path: (d, s) => `/01/${checked(d)}${qualifier("10", s)}` },
  upui: { digits: 13, serialLength: 28, path: (d, s) => `/01/${checked(d)}${qualifier("235", s)}` },
  itip: { digits: 13, serialLength: 20, path: (d, s, p) => `/8006/${checked(d)}${p}${qualifier("21", s)}` },
  sscc: { digits: 17, serialLength: 0, path: (d) => `/00/${checked(d)}` },
  sgln: { digits: 12, serialLength: 20, path: (d, s) => `/414/${checked(d)}${s === "0" ? "" : qualifier("254", s)}` },
  pgln: { digits: 12, serialLength: 0, path: (d) => `/417/${checked(d)}` },
  grai: { digits: 12, serialLength: 16, path: (d, s) => `/8003/${checked(`0${d}`)}${s}` },
  gdti: { digits: 12, serialLength: 20, path: (d, s) => `/253/${checked(d)}${s}` },
  sgcn: { digits: 12, serialLength: 12, serialDigitsOnly: true, path: (d, s) => `/255/${checked(d)}${s}` },
  gsrn: { digits: 17, serialLength: 0, path: (d) => `/8018/${checked(d)}` },
  gsrnp: { digits: 17, serialLength: 0, path: (d) => `/8017/${checked(d)}` },
  gsin: { digits: 16, serialLength: 0, path: (d) => `/402/${checked(d)}` },
};

const WITH_PIECE_AND_TOTAL = /^(\d{6,12})\.(\d*)\.(\d\d)\.(\d\d)\.(.+)$/;
const WITHOUT_PIECE = /^(\d{6,12})\.(\d*)()()(?:\.(.+))?$/;

// The indicator or extension digit leads the reference in the URN, and the whole number in the key.
const INDICATOR_FIRST = new Set(["sgtin", "lgtin", "upui", "itip", "sscc"]);
const PATTERN_SCHEMES = new Set(["sgtin", "grai", "gdti", "sgcn", "cpi", "itip", "upui"]);

/** The characters a Digital Link path must escape that an EPC URN may hold in the clear. */
function escapeForPath(text: string): string {
  return text.replace(/[!()*+,:]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function serialFits(scheme: UrnScheme, serial: string): boolean {
  if (scheme.serialLength === 0) return serial === "";
  const characters = scheme.serialDigitsOnly === true ? "\\d" : SERIAL_CHARACTERS;
  return new RegExp(`^${characters}{1,${scheme.serialLength}}$`).test(serial);
}

/** GIAI, GINC and CPI hold a company prefix and a reference that need not be digits. */
function alphanumericReference(scheme: string, body: string, isPattern: boolean): string | null {
  const [, prefix, reference] = /^(\d{6,12})\.(.+)$/.exec(body) ?? [];
  if (prefix === undefined || reference === undefined) return null;
  if (scheme === "cpi") {
    const match = /^((?:%[0-9A-Fa-f]{2}|[0-9A-Z-]){1,24})\.(\d{1,12}|\*)$/.exec(reference);
    if (match === null || (match[2] === "*") !== isPattern) return null;
    return `/8010/${prefix}${match[1]}${isPattern ? "" : `/8011/${match[2]}`}`;
  }
  const ai = { giai: "8004", ginc: "401" }[scheme];
  const fits = new RegExp(`^${SERIAL_CHARACTERS}{1,${30 - prefix.length}}$`).test(reference);
  return ai !== undefined && fits && !isPattern ? `/${ai}/${prefix}${escapeForPath(reference)}` : null;
}

/** The canonical Digital Link of an EPC URN, or null when the text is not one that has a GS1 key. */
export function epcUrnToDigitalLink(urn: string): string | null {
  const [, kind, name, body] = /^urn:epc:(id|class|idpat):([a-z]+):(.+)$/.exec(urn) ?? [];
  if (kind === undefined || name === undefined || body === undefined) return null;
  const isPattern = kind === "idpat";
  if (isPattern ? !PATTERN_SCHEMES.has(name) : (kind === "class") !== (name === "lgtin")) return null;
  if (["giai", "ginc", "cpi"].includes(name)) {
    const path = alphanumericReference(name, body, isPattern);
    return path === null ? null : CANONICAL_STEM + path;
  }
  const scheme = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  const split = (name === "itip" ? WITH_PIECE_AND_TOTAL : WITHOUT_PIECE).exec(body);
  if (scheme === undefined || split === null) return null;
  const [, prefix = "", reference = "", piece = "", total = "", serial = ""] = split;
  if (prefix.length + reference.length !== scheme.digits) return null;
  if (isPattern ? serial !== "*" : !serialFits(scheme, serial)) return null;
  const digits = INDICATOR_FIRST.has(name) ? reference.slice(0, 1) + prefix + reference.slice(1) : prefix + reference;
  return CANONICAL_STEM + scheme.path(digits, isPattern ? "" : escapeForPath(serial), piece + total);
}
