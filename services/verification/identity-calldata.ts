import { id } from "ethers";
import type { Groth16Proof } from "snarkjs";
import { ThreadlineError } from "../model/errors.ts";
import { wordBigInt, wordBytes32, wordNumber } from "./abi-words.ts";
import { proofFromWords } from "./proof-words.ts";

const SIGNATURE = "record(bytes32,uint8,uint256,uint40,bytes,uint256[2],uint256[2][2],uint256[2])";
export const RECORD_IDENTITY_CHECK_SELECTOR = id(SIGNATURE).slice(0, 10);

/** Word of the proof's first coordinate: five parameters stand before it. */
const PROOF_PLACE = 5;

/** One identity check as it was submitted: what it claims and its proof in snarkjs' order of coordinates. */
export interface SubmittedIdentityCheck {
  journeyId: string;
  step: number;
  linkedCommitment: bigint;
  proof: Groth16Proof;
}

/** Decodes a call of `IdentityChecks.record`. Throws ThreadlineError `calldata-unknown` for any other call. */
export function decodeIdentityCheck(input: string): SubmittedIdentityCheck {
  const selector = input.slice(0, 10);
  if (selector !== RECORD_IDENTITY_CHECK_SELECTOR)
    throw new ThreadlineError(
      "calldata-unknown",
      `the transaction calls ${selector}, not IdentityChecks.record (${RECORD_IDENTITY_CHECK_SELECTOR}): its proof cannot be read`,
      { selector },
    );
  const data = `0x${input.slice(10)}`;
  return {
    journeyId: wordBytes32(data, 0),
    step: wordNumber(data, 1),
    linkedCommitment: wordBigInt(data, 2),
    proof: proofFromWords(data, PROOF_PLACE),
  };
}
