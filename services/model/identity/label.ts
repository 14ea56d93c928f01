import { epcsOf, parseDigitalLink } from "./digital-link.ts";
import type { Elements } from "./element-string.ts";
import { parseBracketedElementString, parseElementString } from "./element-string.ts";
import type { Grai, Sgtin } from "./gs1-keys.ts";
import { parseGrai } from "./gs1-keys.ts";
import type { CoiIdentifier, DonationIdentificationNumber } from "./isbt128.ts";
import { parseCoiIdentifier, parseDonationIdentificationNumber } from "./isbt128.ts";
import type { ParseFailure, ParseResult } from "./result.ts";
import { refused } from "./result.ts";

/** A GS1 label: every element read, the keys it names, and its EPCs as canonical Digital Links. */
export interface Gs1Label {
  kind: "gs1";
  elements: Elements;
  sgtin?: Sgtin;
  sscc?: string;
  grai?: Grai;
  giai?: string;
  gsrn?: string;
  /** Service relation instance of the GSRN (8019): the instance of a therapy. */
  srin?: string;
  epcs: string[];
}

export interface CoiLabel {
  kind: "isbt-coi";
  coi: CoiIdentifier;
}

export interface DinLabel {
  kind: "isbt-din";
  din: DonationIdentificationNumber;
}

export type ParsedLabel = Gs1Label | CoiLabel | DinLabel;

export type LabelResult = { ok: true; label: ParsedLabel } | ParseFailure;

/** A scan longer than any label: the longest GS1 symbol holds fewer characters. */
const MAXIMUM_LENGTH = 4096;

/** Symbology identifiers (ISO/IEC 15424) whose data is a GS1 element string. */
const GS1_SYMBOLOGIES = /^\](?:d2|C1|Q3|e0|J1)/;
const ANY_SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;

function gs1Label(result: ParseResult<Elements>): LabelResult {
  if (!result.ok) return result;
  const elements = result.value;
  const label: Gs1Label = { kind: "gs1", elements, epcs: epcsOf(elements) };
  const { "01": gtin, "21": serial, "00": sscc, "8003": graiValue, "8004": giai, "8019": srin } = elements;
  const gsrn = elements["8018"] ?? elements["8017"];
  if (gtin !== undefined && serial !== undefined) label.sgtin = { gtin, serial };
  if (sscc !== undefined) label.sscc = sscc;
  const grai = graiValue === undefined ? null : parseGrai(graiValue);
  if (grai?.ok === true) label.grai = grai.value;
  if (giai !== undefined) label.giai = giai;
  if (gsrn !== undefined) label.gsrn = gsrn;
  if (srin !== undefined) label.srin = srin;
  return { ok: true, label };
}

function coiLabel(text: string): LabelResult {
  const result = parseCoiIdentifier(text);
  return result.ok ? { ok: true, label: { kind: "isbt-coi", coi: result.value } } : result;
}

function dinLabel(text: string): LabelResult {
  const result = parseDonationIdentificationNumber(text);
  return result.ok ? { ok: true, label: { kind: "isbt-din", din: result.value } } : result;
}

/**
 * Reads the raw string of a scan: a GS1 element string (with or without symbology identifier, or bracketed), a GS1
 * Digital Link, an ISBT 128 Chain of Identity identifier or donation identification number (data structure or
 * eye-readable with check character). Check digits that are wrong are named with what was expected and observed.
 */
export function parseLabel(raw: string): LabelResult {
  const text = raw.trim();
  if (text.length > MAXIMUM_LENGTH) {
    const observed = `${text.slice(0, 64)}…`;
    return refused("value-malformed", `A scan of ${text.length} characters is longer than any label.`, observed);
  }
  if (GS1_SYMBOLOGIES.test(text)) return gs1Label(parseElementString(text.slice(3)));
  const data = text.replace(ANY_SYMBOLOGY, "");
  if (data === "") return refused("label-empty", "The label holds no data. Scan it again.", raw);
  if (/^https?:/i.test(data)) return gs1Label(parseDigitalLink(data));
  if (data.startsWith("(")) return gs1Label(parseBracketedElementString(data));
  if (data.startsWith("&/")) return coiLabel(data);
  if (data.startsWith("=")) return dinLabel(data);
  if (/^CH[0-9A-Z]{5}\s?\d{2}\s?[0-9A-Z]{6}/i.test(data)) return coiLabel(data);
  if (/^[A-NP-Z1-9][0-9A-Z]{4}\s?\d{2}\s?\d{6}\s?[0-9A-Z*]$/i.test(data) && /^[A-Z]|\s/i.test(data)) return dinLabel(data);
  // A symbology identifier of another kind says the digits are no element string (an EAN-13, for example).
  if (data === text && /^[\d\u001d]/.test(data)) return gs1Label(parseElementString(data));
  return refused(
    "label-unknown",
    "The scan is neither a GS1 element string, a GS1 Digital Link nor an ISBT 128 identifier. Check the scanner's settings.",
    raw,
  );
}
