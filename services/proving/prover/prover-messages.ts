import type { Groth16Proof } from "snarkjs";
import type { CircuitInputs, CircuitName } from "../../model/circuit-inputs.ts";

/** Handed to a prover process as its first argument, JSON. */
export interface ProverProcessConfig {
  /** Artifact paths of each circuit. */
  circuits: Partial<Record<CircuitName, { wasm: string; zkey: string; verificationKey: string }>>;
  /** One thread per process gives most proofs an hour; several threads give the soonest single proof. */
  singleThread: boolean;
}

/** Parent → process. */
export interface ProofRequest {
  jobId: string;
  circuit: CircuitName;
  circuitInputs: CircuitInputs;
}

/** Process → parent. */
export type ProofResponse =
  | { kind: "proven"; jobId: string; proof: Groth16Proof; publicSignals: string[]; provingSeconds: number; peakMemoryBytes: number }
  | { kind: "refused"; jobId: string; code: ProverErrorCode; error: string };

/** `witness-refused`: the inputs break the statement, no retry helps. `proof-invalid`: made, but does not verify. */
export type ProverErrorCode = "circuit-unknown" | "witness-refused" | "proof-failed" | "proof-invalid";
