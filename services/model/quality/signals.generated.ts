// Generated from circuits/circuits.json by scripts/circuits/generate.ts; do not edit.

export const BATCH_RELEASE = {
  name: "batch-release",
  parameters: { tests: 16, phases: 32 },
  publicSignals: ["context", "laboratoryKeyCommitment", "specificationCommitment", "resultsCommitment", "signedAt"],
} as const;

/** Public signals by name; each is below the field's order. */
export interface BatchReleaseSignals {
  /** Chain, contract, journey, specification number and certificate: the top 253 bits of their Keccak-256. 253 bits. */
  context: bigint;
  /** Poseidon of the laboratory's BabyJubJub public key. 254 bits. */
  laboratoryKeyCommitment: bigint;
  /** Commitment to the specification: document digest and acceptance criteria. 254 bits. */
  specificationCommitment: bigint;
  /** What the laboratory signed: context, specification, time, results and phases, salted. 254 bits. */
  resultsCommitment: bigint;
  /** When the laboratory signed. 40 bits. */
  signedAt: bigint;
}
