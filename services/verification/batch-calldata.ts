import { id } from "ethers";
import type { Groth16Proof } from "snarkjs";
import { ThreadlineError } from "../model/errors.ts";
import { wordBigInt, wordBytes32, wordNumber } from "./abi-words.ts";

const SIGNATURE = "submit(bytes32,uint8,(uint8,bytes32,uint256,uint40,bytes32,uint256[2],uint256[2][2],uint256[2]))";
export const SUBMIT_BATCH_SELECTOR = id(SIGNATURE).slice(0, 10);

/** A batch proof as it was submitted: what it claims and its proof in snarkjs' order of coordinates. */
export interface SubmittedBatch {
  journeyId: string;
  specification: number;
  stage: number;
  laboratory: string;
  resultsCommitment: bigint;
  signedAt: number;
  certificateHash: string;
  proof: Groth16Proof;
}

/** Decodes a call of `BatchProofs.submit`. Throws ThreadlineError `calldata-unknown` for any other call, naming its selector. */
export function decodeSubmitBatch(input: string): SubmittedBatch {
  const selector = input.slice(0, 10);
  if (selector !== SUBMIT_BATCH_SELECTOR)
    throw new ThreadlineError("calldata-unknown", `the transaction calls ${selector}, not submit (${SUBMIT_BATCH_SELECTOR}): its proof cannot be read`, { selector });
  const data = `0x${input.slice(10)}`;
  const text = (place: number) => wordBigInt(data, place).toString();
  return {
    journeyId: wordBytes32(data, 0),
    specification: wordNumber(data, 1),
    stage: wordNumber(data, 2),
    laboratory: wordBytes32(data, 3),
    resultsCommitment: wordBigInt(data, 4),
    signedAt: wordNumber(data, 5),
    certificateHash: wordBytes32(data, 6),
    proof: {
      pi_a: [text(7), text(8), "1"],
      // The EVM's pairing takes the imaginary part first (EIP-197), snarkjs the real one.
      pi_b: [
        [text(10), text(9)],
        [text(12), text(11)],
        ["1", "0"],
      ],
      pi_c: [text(13), text(14), "1"],
      protocol: "groth16",
      curve: "bn128",
    },
  };
}
