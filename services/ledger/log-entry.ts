import type { LogDescription } from "ethers";
import { LEDGER_CONTRACT_NAMES } from "./abi.ts";
import type { LedgerClient } from "./client.ts";

/** A log as `eth_getLogs` gives it. */
export interface RawLog {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  blockTimestamp?: string;
  transactionHash: string;
}

export interface LogEntry {
  event: LogDescription;
  blockNumber: number;
  transactionHash: string;
  /** Unix seconds of the block. */
  blockTime: number;
}

/** Decodes logs in their order; what no interface of ours names (roles, ownership) is left out. */
export function createLogDecoder(ledger: LedgerClient): (logs: readonly RawLog[]) => Promise<LogEntry[]> {
  const interfaces = new Map(LEDGER_CONTRACT_NAMES.map((name) => [ledger.addresses[name].toLowerCase(), ledger.interfaces[name]]));

  async function readBlockTime(blockNumber: string): Promise<string> {
    const block = (await ledger.rpc.send("eth_getBlockByNumber", [blockNumber, false])) as { timestamp: string };
    return block.timestamp;
  }

  return async (logs) => {
    const blockTimes = new Map<string, string>();
    const entries: LogEntry[] = [];
    for (const log of logs) {
      const event = interfaces.get(log.address.toLowerCase())?.parseLog(log);
      if (event === null || event === undefined) continue;
      const time = log.blockTimestamp ?? blockTimes.get(log.blockNumber) ?? (await readBlockTime(log.blockNumber));
      blockTimes.set(log.blockNumber, time);
      const blockNumber = Number(BigInt(log.blockNumber));
      entries.push({ event, blockNumber, transactionHash: log.transactionHash, blockTime: Number(BigInt(time)) });
    }
    return entries;
  };
}
