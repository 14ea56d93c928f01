import { ThreadlineError } from "../errors.ts";
import { checkDigit, checkDigitFault } from "./check-digit.ts";
import type { ParseResult } from "./result.ts";
import { parsed, refused } from "./result.ts";

/** GS1 character set 82: what a serial number, a batch or an asset reference may hold. */
export const CHARACTER_SET_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

/** A GTIN of 8, 12, 13 or 14 digits written as 14, with the serial number of one item. */
export interface Sgtin {
  gtin: string;
  serial: string;
}

/** A returnable asset (a dry shipper): 13 digits of asset type, and the serial number of one of them. */
export interface Grai {
  assetType: string;
  serial: string;
}

function parseCheckedDigits(name: string, text: string, lengths: number[]): ParseResult<string> {
  if (!/^\d+$/.test(text) || !lengths.includes(text.length)) {
    return refused(
      "value-malformed",
      `A ${name} has ${lengths.join(" or ")} digits, but "${text}" was read. Scan the label again.`,
      text,
    );
  }
  const fault = checkDigitFault(text);
  if (fault !== null) {
    return refused(
      "check-digit-wrong",
      `The ${name} ${text} ends with check digit ${fault.observed}, expected ${fault.expected}. Scan the label again.`,
      text,
    );
  }
  return parsed(text);
}

/** A Global Location Number: 13 digits with check digit. */
export function parseGln(text: string): ParseResult<string> {
  return parseCheckedDigits("GLN", text, [13]);
}

/** A GTIN-8, -12, -13 or -14; answered as 14 digits. */
export function parseGtin(text: string): ParseResult<string> {
  const result = parseCheckedDigits("GTIN", text, [8, 12, 13, 14]);
  return result.ok ? parsed(result.value.padStart(14, "0")) : result;
}

/** A Serial Shipping Container Code: 18 digits with check digit. */
export function parseSscc(text: string): ParseResult<string> {
  return parseCheckedDigits("SSCC", text, [18]);
}

/** A Global Service Relation Number (provider 8017, recipient 8018): 18 digits with check digit. */
export function parseGsrn(text: string): ParseResult<string> {
  return parseCheckedDigits("GSRN", text, [18]);
}

/** The value of AI (8003): a leading zero, 13 digits with check digit, then the serial number if any. */
export function parseGrai(text: string): ParseResult<Grai> {
  const assetType = text.slice(1, 14);
  const serial = text.slice(14);
  if (!/^0\d{13}$/.test(text.slice(0, 14)) || serial.length > 16 || (serial !== "" && !CHARACTER_SET_82.test(serial))) {
    return refused(
      "value-malformed",
      `A GRAI is 0, 13 digits and up to 16 characters of serial number, but "${text}" was read. Scan the label again.`,
      text,
    );
  }
  const digits = parseCheckedDigits("GRAI", assetType, [13]);
  return digits.ok ? parsed({ assetType, serial }) : digits;
}

/** The value of AI (8004): 4 digits at least of company prefix, 30 characters at most. */
export function parseGiai(text: string): ParseResult<string> {
  if (!/^\d{4}/.test(text) || text.length > 30 || !CHARACTER_SET_82.test(text)) {
    return refused(
      "value-malformed",
      `A GIAI begins with a company prefix of 4 digits or more and has up to 30 characters, but "${text}" was read.`,
      text,
    );
  }
  return parsed(text);
}

/** An SGTIN from the bracketed element string `(01)…(21)…`. */
export function parseSgtin(text: string): ParseResult<Sgtin> {
  const match = /^\(01\)(\d+)\(21\)(.{1,20})$/.exec(text);
  const serial = match?.[2] ?? "";
  if (match === null || !CHARACTER_SET_82.test(serial)) {
    return refused("value-malformed", `An SGTIN is written (01)GTIN(21)serial, but "${text}" was read.`, text);
  }
  const gtin = parseGtin(match[1] ?? "");
  return gtin.ok ? parsed({ gtin: gtin.value, serial }) : gtin;
}

export function formatSgtin(sgtin: Sgtin): string {
  return `(01)${sgtin.gtin}(21)${sgtin.serial}`;
}

export function formatGrai(grai: Grai): string {
  return `0${grai.assetType}${grai.serial}`;
}

/** Digits with their check digit appended: 12 for a GLN, 13 for a GTIN-14, 17 for an SSCC or GSRN. */
export function withCheckDigit(digits: string): string {
  return digits + checkDigit(digits);
}

/** The value of a parse result; throws `ThreadlineError` with its code when the text was refused. */
export function required<Value>(result: ParseResult<Value>): Value {
  if (result.ok) return result.value;
  throw new ThreadlineError(result.code, result.message, { observed: result.observed });
}
