import type { Groth16Proof } from "snarkjs";
import { z } from "zod";

/** A Groth16 proof in the order the generated Solidity verifiers take it. */
export interface ProofCalldata {
  a: [bigint, bigint];
  /** Coordinates of the extension field with the imaginary part first, as the EVM's pairing precompile (EIP-197) wants them. */
  b: [[bigint, bigint], [bigint, bigint]];
  c: [bigint, bigint];
}

const coordinate = z.string().regex(/^\d+$/).transform(BigInt);
const point = z.tuple([coordinate, coordinate, z.literal("1")]);
const extensionPoint = z.tuple([z.tuple([coordinate, coordinate]), z.tuple([coordinate, coordinate]), z.tuple([z.literal("1"), z.literal("0")])]);
const proofSchema = z.object({ pi_a: point, pi_b: extensionPoint, pi_c: point, protocol: z.literal("groth16"), curve: z.literal("bn128") });

/** Converts snarkjs' proof; throws a ZodError for anything but an affine Groth16 proof on BN254. */
export function proofToCalldata(proof: Groth16Proof): ProofCalldata {
  const { pi_a: a, pi_b: b, pi_c: c } = proofSchema.parse(proof);
  return {
    a: [a[0], a[1]],
    b: [
      [b[0][1], b[0][0]],
      [b[1][1], b[1][0]],
    ],
    c: [c[0], c[1]],
  };
}

/** The inverse of `proofToCalldata`: a proof read from the chain, for snarkjs to verify. */
export function calldataToProof({ a, b, c }: ProofCalldata): Groth16Proof {
  return {
    pi_a: [String(a[0]), String(a[1]), "1"],
    pi_b: [
      [String(b[0][1]), String(b[0][0])],
      [String(b[1][1]), String(b[1][0])],
      ["1", "0"],
    ],
    pi_c: [String(c[0]), String(c[1]), "1"],
    protocol: "groth16",
    curve: "bn128",
  };
}
