import type { ParseResult } from "./result.ts";
import { parsed, refused } from "./result.ts";

/** The Single European Code of tissues and cells (Directive 2006/86/EC Annex VII, as amended by 2015/565). */
export interface SingleEuropeanCode {
  /** ISO 3166-1 alpha-2 country of the tissue establishment. */
  country: string;
  /** Six characters naming the tissue establishment. */
  tissueEstablishment: string;
  /** Thirteen characters of unique donation number. */
  donationNumber: string;
  /** One character: which product coding system the product number is of. */
  productCodingSystem: string;
  productNumber: string;
  splitNumber: string;
  /** ISO 8601 calendar date; null when the code says 00000000, no expiry date. */
  expiryDate: string | null;
}

const STRUCTURE =
  /^([A-Z]{2})([0-9A-Z]{6})([0-9A-Z]{13})([A-Z])([0-9A-Z]{7})([0-9A-Z]{3})(\d{4})(\d{2})(\d{2})$/;

function isDate(year: string, month: string, day: string): boolean {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === `${year}-${month}-${day}`;
}

/** Reads the 40 characters, with or without `SEC:` before and white space between its two sequences. */
export function parseSingleEuropeanCode(text: string): ParseResult<SingleEuropeanCode> {
  const compact = text.trim().replace(/^SEC:/, "").replace(/\s+/g, "");
  const match = STRUCTURE.exec(compact);
  if (match === null) {
    return refused(
      "value-malformed",
      `A Single European Code has a 21 character donation and a 19 character product sequence, but "${text}" was read.`,
      text,
    );
  }
  const [, country = "", tissueEstablishment = "", donationNumber = "", productCodingSystem = ""] = match;
  const [productNumber = "", splitNumber = "", year = "", month = "", day = ""] = match.slice(5);
  const noExpiry = year + month + day === "00000000";
  if (!noExpiry && !isDate(year, month, day)) {
    return refused("value-malformed", `The Single European Code expires on ${year}${month}${day}, which is no date.`, text);
  }
  return parsed({
    country,
    tissueEstablishment,
    donationNumber,
    productCodingSystem,
    productNumber,
    splitNumber,
    expiryDate: noExpiry ? null : `${year}-${month}-${day}`,
  });
}

/** `SEC:` and the two sequences with a space between. */
export function formatSingleEuropeanCode(code: SingleEuropeanCode): string {
  const expiry = code.expiryDate === null ? "00000000" : code.expiryDate.replaceAll("-", "");
  const donation = code.country + code.tissueEstablishment + code.donationNumber;
  return `SEC:${donation} ${code.productCodingSystem}${code.productNumber}${code.splitNumber}${expiry}`;
}
