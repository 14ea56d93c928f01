// Generated from circuits/circuits.json by scripts/circuits/generate.ts; do not edit.

export const IDENTITY_LINK = {
  name: "identity-link",
  parameters: {},
  publicSignals: ["context", "identityCommitment", "linkedCommitment"],
} as const;

/** Public signals by name; each is below the field's order. */
export interface IdentityLinkSignals {
  /** Chain, contract, journey and step: the top 253 bits of their Keccak-256. 253 bits. */
  context: bigint;
  /** Commitment the journey was opened with: Poseidon of identifier, patient pseudonym and blinding. 254 bits. */
  identityCommitment: bigint;
  /** Commitment to the same identifier and pseudonym under another blinding. 254 bits. */
  linkedCommitment: bigint;
}
