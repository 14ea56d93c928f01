import { id } from "ethers";
import { encodeWord } from "./abi-words.ts";
import type { Rpc } from "./rpc.ts";

/** One call of a view whose parameters are all static words. */
export interface ContractRead {
  address: string;
  /** Canonical, such as `leg(uint32,uint8)`. */
  signature: string;
  parameters?: readonly (bigint | number)[];
}

/** Reads contracts as they stood at one block, in batches; answers are raw ABI data. */
export type ContractReader = (reads: readonly ContractRead[]) => Promise<string[]>;

export function createContractReader(rpc: Rpc, blockNumber: number): ContractReader {
  const block = `0x${blockNumber.toString(16)}`;
  return (reads) =>
    rpc.callAll<string>(
      "eth_call",
      reads.map(({ address, signature, parameters = [] }) => [
        { to: address, data: id(signature).slice(0, 10) + parameters.map(encodeWord).join("") },
        block,
      ]),
    );
}
