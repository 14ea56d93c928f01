import { id } from "ethers";
import type { Groth16Proof } from "snarkjs";
import { ThreadlineError } from "../model/errors.ts";
import { wordBigInt, wordBytes32, wordNumber } from "./abi-words.ts";
import { proofFromWords } from "./proof-words.ts";

const SIGNATURE =
  "submitSegments(bytes32,uint8,(uint40,uint40,uint256,uint256,uint256[2],uint256[2][2],uint256[2])[])";
export const SUBMIT_SEGMENTS_SELECTOR = id(SIGNATURE).slice(0, 10);

const WORDS_PER_SEGMENT = 12;

/** One segment as it was submitted: what it claims and its proof in snarkjs' order of coordinates. */
export interface SubmittedSegment {
  journeyId: string;
  leg: number;
  from: number;
  to: number;
  stateAfter: bigint;
  readingsCommitment: bigint;
  proof: Groth16Proof;
}

/** Decodes a call of `submitSegments`. Throws ThreadlineError `calldata-unknown` for any other call, naming its selector. */
export function decodeSubmitSegments(input: string): SubmittedSegment[] {
  const selector = input.slice(0, 10);
  if (selector !== SUBMIT_SEGMENTS_SELECTOR)
    throw new ThreadlineError(
      "calldata-unknown",
      `the transaction calls ${selector}, not submitSegments (${SUBMIT_SEGMENTS_SELECTOR}): its proofs cannot be read`,
      { selector },
    );
  const data = `0x${input.slice(10)}`;
  const journeyId = wordBytes32(data, 0);
  const leg = wordNumber(data, 1);
  const list = wordNumber(data, 2) / 32;
  return Array.from({ length: wordNumber(data, list) }, (_, index) => {
    const first = list + 1 + index * WORDS_PER_SEGMENT;
    return {
      journeyId,
      leg,
      from: wordNumber(data, first),
      to: wordNumber(data, first + 1),
      stateAfter: wordBigInt(data, first + 2),
      readingsCommitment: wordBigInt(data, first + 3),
      proof: proofFromWords(data, first + 4),
    };
  });
}
