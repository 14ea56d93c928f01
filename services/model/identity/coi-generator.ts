import { ThreadlineError } from "../errors.ts";
import type { CoiIdentifier } from "./isbt128.ts";
import { parseCoiIdentifier } from "./isbt128.ts";
import { required } from "./gs1-keys.ts";
import type { PersonalData } from "./personal-data.ts";
import { personalDataFault, readsAsDate } from "./personal-data.ts";

/** Where the six characters come from: a cryptographic random source, or the issuer's own running number. */
export type SequenceSource =
  | { kind: "random"; randomBytes: (length: number) => Uint8Array }
  | { kind: "sequence"; sequence: string };

export interface NewCoiIdentifier {
  /** The issuing organisation's facility identification number, five characters. */
  facility: string;
  /** Year of assignment, four digits. */
  year: number;
  source: SequenceSource;
  /** Personal data the identifier must not hold; it is compared and forgotten. */
  screenedAgainst?: PersonalData;
}

const SEQUENCE_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SEQUENCE_LENGTH = 6;

/** Bytes from here up are drawn again, so that every character is equally likely (252 = 7 · 36). */
const FIRST_UNFAIR_BYTE = 252;

/** Draws before a random source that yields nothing usable is called broken. */
const MOST_DRAWS = 1000;

/**
 * Makes a Chain of Identity identifier (ISBT 128 ST-028: `CH`, facility, two-digit year, six of 0-9 and A-Z). The six
 * mean nothing: one that reads as a date, or that holds anything of the personal data screened against, is drawn again
 * or, when the caller brought it, refused with `identity-personal-data`. Whether it was issued before, the store knows.
 */
export function generateCoiIdentifier(wanted: NewCoiIdentifier): CoiIdentifier {
  const { facility, year, source } = wanted;
  if (!Number.isInteger(year) || year < 2000 || year > 2099)
    throw new ThreadlineError("identity-malformed", `A year of assignment is 2000 to 2099, got ${year}.`, { observed: year });
  const prefix = `CH${facility}${String(year).slice(2)}`;
  if (source.kind === "sequence") {
    const fault = faultOf(source.sequence, wanted.screenedAgainst);
    if (fault !== null)
      throw new ThreadlineError("identity-personal-data", `The sequence offered ${fault}. Use a random one or the next number.`);
    return whole(prefix + source.sequence);
  }
  for (let draw = 0; draw < MOST_DRAWS; draw += 1) {
    const sequence = drawSequence(source.randomBytes);
    if (sequence !== null && faultOf(sequence, wanted.screenedAgainst) === null) return whole(prefix + sequence);
  }
  throw new ThreadlineError("random-source-broken", `${MOST_DRAWS} draws gave no sequence that may be used. Check the random source.`);
}

function faultOf(sequence: string, personal: PersonalData | undefined): string | null {
  if (readsAsDate(sequence)) return "reads as a date, which could be a date of birth";
  return personal === undefined ? null : personalDataFault(sequence, personal);
}

function drawSequence(randomBytes: (length: number) => Uint8Array): string | null {
  const bytes = randomBytes(SEQUENCE_LENGTH);
  if (bytes.length !== SEQUENCE_LENGTH || bytes.some((byte) => byte >= FIRST_UNFAIR_BYTE)) return null;
  return [...bytes].map((byte) => SEQUENCE_CHARACTERS.charAt(byte % SEQUENCE_CHARACTERS.length)).join("");
}

/** The parser trims and folds case; what is issued must be the identifier as it stands. */
function whole(coi: string): CoiIdentifier {
  const identifier = required(parseCoiIdentifier(coi));
  if (identifier.coi !== coi)
    throw new ThreadlineError("identity-malformed", `"${coi}" is not a Chain of Identity identifier.`, { observed: coi });
  return identifier;
}
