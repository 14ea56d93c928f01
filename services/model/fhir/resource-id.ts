import { keccak256, toUtf8Bytes } from "ethers";

const JOURNEY_DIGITS = 32;
const FACT_DIGITS = 24;
const PATTERN = new RegExp(`^([0-9a-f]{${JOURNEY_DIGITS}})-([0-9a-f]{${FACT_DIGITS}})$`);

/**
 * Id of a resource, the same at every reading: half of the journey's ledger id, by which the journey is found again, and
 * a hash of the fact it is made of. 57 characters, within FHIR's 64.
 */
export function resourceId(journeyId: string, fact: string): string {
  return `${journeyId.slice(2, 2 + JOURNEY_DIGITS)}-${keccak256(toUtf8Bytes(`${journeyId}:${fact}`)).slice(2, 2 + FACT_DIGITS)}`;
}

/** First and last journey id a resource id may belong to; undefined for a text that is no id of ours. */
export function journeyRangeOf(id: string): { first: string; last: string } | undefined {
  const prefix = PATTERN.exec(id)?.[1];
  if (prefix === undefined) return undefined;
  const rest = 64 - JOURNEY_DIGITS;
  return { first: `0x${prefix}${"0".repeat(rest)}`, last: `0x${prefix}${"f".repeat(rest)}` };
}
