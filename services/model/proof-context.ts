import { AbiCoder, keccak256 } from "ethers";

/** What binds a proof to one place, so that it cannot be used twice or elsewhere. */
export interface ProofPlace {
  chainId: bigint | number;
  /** Address of the contract that judges the proof; each kind of proof has a contract of its own. */
  contract: string;
  /** 32 bytes, hexadecimal. */
  journeyId: string;
}

/** uint256(keccak256(abi.encode(chainId, contract, journeyId, uint8 number))) >> 3, which is below the field's order. */
export function proofContext({ chainId, contract, journeyId }: ProofPlace, number: number): bigint {
  const encoded = AbiCoder.defaultAbiCoder().encode(["uint256", "address", "bytes32", "uint8"], [chainId, contract, journeyId, number]);
  return BigInt(keccak256(encoded)) >> 3n;
}
