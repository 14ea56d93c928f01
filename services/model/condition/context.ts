import { AbiCoder, keccak256 } from "ethers";

export interface SegmentContextParts {
  chainId: bigint | number;
  /** Address of the ConditionProofs contract. */
  contract: string;
  /** 32 bytes, hexadecimal. */
  journeyId: string;
  leg: number;
}

/**
 * What binds a segment to one chain, contract, journey and leg:
 * uint256(keccak256(abi.encode(chainId, contract, journeyId, leg))) >> 3, which is below the field's order.
 */
export function segmentContext(parts: SegmentContextParts): bigint {
  const encoded = AbiCoder.defaultAbiCoder().encode(["uint256", "address", "bytes32", "uint8"], [parts.chainId, parts.contract, parts.journeyId, parts.leg]);
  return BigInt(keccak256(encoded)) >> 3n;
}
