import { z } from "zod";

/** Bytes of a pseudonym: 248 random bits, one field element of the circuits without reduction. */
export const PSEUDONYM_BYTES = 31;

/** A patient's name in one domain: 31 random bytes, lower-case hexadecimal with 0x. */
export const pseudonymSchema = z
  .string()
  .regex(/^0x[0-9a-f]{62}$/, "31 bytes, lower-case hexadecimal with 0x")
  .meta({ description: "Pseudonym of a patient in one domain: 31 random bytes" });

/**
 * A domain in which a patient has one pseudonym: an organisation (`organisation-` and its GLN), the journeys of this
 * node (`journey`), a research programme (`research-…`) or a payer (`payer-…`).
 */
export const domainSchema = z
  .string()
  .regex(
    /^(journey|organisation-\d{13}|(research|payer)-[a-z0-9][a-z0-9-]{0,62})$/,
    'a domain: "journey", "organisation-<GLN>", "research-<name>" or "payer-<name>"',
  )
  .meta({ description: "Domain a pseudonym is valid in" });

export const JOURNEY_DOMAIN = "journey";

export function organisationDomain(gln: string): string {
  return `organisation-${gln}`;
}

/** The pseudonym as the number the identity circuit takes, below 2^248. */
export function pseudonymNumber(pseudonym: string): bigint {
  return BigInt(pseudonymSchema.parse(pseudonym));
}
