/** A decision's signature is good for this long; the twin of `SigningTime`. */
export const LONGEST_SIGNATURE_AGE_SECONDS = 86_400;

/** How far a signer's clock may be ahead of the ledger's. */
export const SIGNING_CLOCK_SKEW_SECONDS = 300;

/** Whether a decision signed then may be recorded now; both Unix seconds. */
export function isFreshSignature(signedAt: number, now: number): boolean {
  return signedAt + LONGEST_SIGNATURE_AGE_SECONDS >= now && signedAt <= now + SIGNING_CLOCK_SKEW_SECONDS;
}
