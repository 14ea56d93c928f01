import type { Groth16Proof } from "snarkjs";
import { wordBigInt } from "./abi-words.ts";

/** A Groth16 proof of eight words of calldata, A, B and C from `first` on, in snarkjs' order of coordinates. */
export function proofFromWords(data: string, first: number): Groth16Proof {
  const text = (place: number) => wordBigInt(data, first + place).toString();
  return {
    pi_a: [text(0), text(1), "1"],
    // The EVM's pairing takes the imaginary part first (EIP-197), snarkjs the real one.
    pi_b: [
      [text(3), text(2)],
      [text(5), text(4)],
      ["1", "0"],
    ],
    pi_c: [text(6), text(7), "1"],
    protocol: "groth16",
    curve: "bn128",
  };
}
