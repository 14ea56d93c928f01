import { ThreadlineError } from "../errors.ts";
import { checkCharacter, checkValue } from "./check-character.ts";
import type { ParseResult } from "./result.ts";
import { parsed, refused } from "./result.ts";

/**
 * ISBT 128 identifiers of donations and of a chain of identity: structure and check characters only. The registered
 * facility numbers and product tables of ICCBBA are licensed and no part of Threadline.
 */
export interface DonationIdentificationNumber {
  /** Five characters of facility identification number, two of year, six of sequence: `αppppyynnnnnn`. */
  din: string;
  facility: string;
  year: string;
  sequence: string;
  /** The two flag characters of data structure 001; absent when the number was typed. */
  flags?: string;
}

export interface CoiIdentifier {
  /** `CH`, the issuing organisation's facility number, two of year, six of sequence: 15 characters. */
  coi: string;
  issuer: string;
  year: string;
  sequence: string;
}

const DIN_BODY = /^([A-NP-Z1-9][0-9A-Z]{4})(\d{2})(\d{6})$/;
const COI_BODY = /^CH([A-NP-Z1-9][0-9A-Z]{4})(\d{2})([0-9A-Z]{6})$/;

/** Flags 60 to 96 hold the modulo 37-2 value of the number plus 60 (ISBT 128 type 3 flags). */
const FIRST_CHECKED_FLAG = 60;
const LAST_CHECKED_FLAG = 96;

function readDinBody(body: string, whole: string): ParseResult<DonationIdentificationNumber> {
  const [, facility = "", year = "", sequence = ""] = DIN_BODY.exec(body) ?? [];
  if (facility === "") {
    return refused(
      "value-malformed",
      `A donation identification number is 5 characters of facility, 2 of year and 6 digits, but "${whole}" was read.`,
      whole,
    );
  }
  return parsed({ din: body, facility, year, sequence });
}

function wrongCharacter(name: string, whole: string, expected: string, observed: string): ParseResult<never> {
  return refused(
    "check-digit-wrong",
    `The ${name} "${whole}" has check character ${observed}, expected ${expected}. Read the label again.`,
    whole,
  );
}

/** Eye-readable text without its spaces, and the check character behind the body if there is one. */
function eyeReadable(text: string, bodyLength: number): { body: string; character: string | null } {
  const compact = text.trim().toUpperCase().replace(/\s+/g, "");
  const body = compact.slice(0, bodyLength);
  return { body, character: compact.length > bodyLength ? compact.slice(bodyLength) : null };
}

/** Data structure 001 (`=αppppyynnnnnnff`) as scanned, or the eye-readable number with its check character. */
export function parseDonationIdentificationNumber(text: string): ParseResult<DonationIdentificationNumber> {
  if (text.startsWith("=")) {
    const body = readDinBody(text.slice(1, 14), text);
    const flags = text.slice(14);
    if (!body.ok) return body;
    if (!/^[0-9A-Z]{2}$/.test(flags)) {
      return refused("value-malformed", `Data structure 001 ends with 2 flag characters, but "${text}" was read.`, text);
    }
    const flag = Number(flags);
    const expected = FIRST_CHECKED_FLAG + checkValue(body.value.din);
    if (flag >= FIRST_CHECKED_FLAG && flag <= LAST_CHECKED_FLAG && flag !== expected) {
      return wrongCharacter("donation identification number", text, `flags ${expected}`, `flags ${flags}`);
    }
    return parsed({ ...body.value, flags });
  }
  const { body, character } = eyeReadable(text, 13);
  const read = readDinBody(body, text);
  if (!read.ok || character === null) return read;
  const expected = checkCharacter(body);
  return character === expected ? read : wrongCharacter("donation identification number", text, expected, character);
}

/** Data structure 040 (`&/CHαppppyynnnnnn`) as scanned, the 15 characters alone, or the eye-readable form. */
export function parseCoiIdentifier(text: string): ParseResult<CoiIdentifier> {
  const scanned = text.startsWith("&/");
  const { body, character } = scanned
    ? { body: text.slice(2, 17), character: text.length > 17 ? text.slice(17) : null }
    : eyeReadable(text, 15);
  const [, issuer = "", year = "", sequence = ""] = COI_BODY.exec(body) ?? [];
  if (issuer === "" || (scanned && character !== null)) {
    return refused(
      "value-malformed",
      `A Chain of Identity identifier is CH, 5 characters of issuer, 2 of year and 6 of sequence, but "${text}" was read.`,
      text,
    );
  }
  const expected = checkCharacter(body);
  if (character !== null && character !== expected) {
    return wrongCharacter("Chain of Identity identifier", text, expected, character) as ParseResult<CoiIdentifier>;
  }
  return parsed({ coi: body, issuer, year, sequence });
}

/** The forms an identifier is written in: as a scanner reads it, or for people with the check character. */
export type IsbtForm = "data-structure" | "eye-readable";

/** Throws `identity-malformed` when the 15 characters are no Chain of Identity identifier. */
export function formatCoiIdentifier(coi: string, form: IsbtForm): string {
  const result = parseCoiIdentifier(coi);
  if (!result.ok || result.value.coi !== coi) {
    throw new ThreadlineError("identity-malformed", `"${coi}" is not a Chain of Identity identifier.`, { observed: coi });
  }
  const { issuer, year, sequence } = result.value;
  return form === "data-structure" ? `&/${coi}` : `CH${issuer} ${year} ${sequence} ${checkCharacter(coi)}`;
}

/** `flags` defaults to the checked flags (60 + check value). Throws `identity-malformed` on any other text. */
export function formatDonationIdentificationNumber(din: string, form: IsbtForm, flags?: string): string {
  const result = readDinBody(din, din);
  if (!result.ok) throw new ThreadlineError("identity-malformed", result.message, { observed: din });
  const { facility, year, sequence } = result.value;
  if (form === "eye-readable") return `${facility} ${year} ${sequence} ${checkCharacter(din)}`;
  return `=${din}${flags ?? String(FIRST_CHECKED_FLAG + checkValue(din))}`;
}
