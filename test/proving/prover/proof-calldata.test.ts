import type { Groth16Proof } from "snarkjs";
import { describe, expect, it } from "vitest";
import { calldataToProof, proofToCalldata } from "../../../services/proving/prover/proof-calldata.ts";

const proof: Groth16Proof = {
  pi_a: ["1", "2", "1"],
  pi_b: [
    ["3", "4"],
    ["5", "6"],
    ["1", "0"],
  ],
  pi_c: ["7", "8", "1"],
  protocol: "groth16",
  curve: "bn128",
};

describe("proofToCalldata", () => {
  it("puts the imaginary part first, as EIP-197 does", () =>
    expect(proofToCalldata(proof)).toEqual({
      a: [1n, 2n],
      b: [
        [4n, 3n],
        [6n, 5n],
      ],
      c: [7n, 8n],
    }));
  it("is undone by calldataToProof", () => expect(calldataToProof(proofToCalldata(proof))).toEqual(proof));
  it.each([
    ["a point at infinity", { pi_a: ["0", "1", "0"] }],
    ["another protocol", { protocol: "plonk" }],
    ["another curve", { curve: "bls12381" }],
    ["a coordinate that is no number", { pi_c: ["0x7", "8", "1"] }],
  ])("refuses %s", (_what, change) => expect(() => proofToCalldata({ ...proof, ...change } as Groth16Proof)).toThrow());
});
