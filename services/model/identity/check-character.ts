import { ThreadlineError } from "../errors.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/**
 * The ISO/IEC 7064 modulo 37-2 value (0 to 36) of an upper case alphanumeric text, as ISBT 128 uses it.
 * Throws `identity-malformed` on any other character.
 */
export function checkValue(text: string): number {
  let sum = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0 || value > 35) {
      throw new ThreadlineError(
        "identity-malformed",
        `A modulo 37-2 check character needs 0-9 and A-Z only, got "${text}".`,
        { observed: text },
      );
    }
    sum = ((sum + value) * 2) % 37;
  }
  return (38 - sum) % 37;
}

/** The check character itself: 0-9, A-Z or *. */
export function checkCharacter(text: string): string {
  return ALPHABET.charAt(checkValue(text));
}
