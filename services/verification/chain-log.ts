import { ThreadlineError } from "../model/errors.ts";
import type { LedgerAddresses } from "./addresses.ts";
import { createLogDecoder } from "./decode-log.ts";
import type { RawLog } from "./decode-log.ts";
import type { DeviceEvent, EquipmentEvent, FlowRegistered, JourneyEvent, LedgerEvent, ParticipantEvent, SpecificationRegistered } from "./ledger-events.ts";
import type { Rpc } from "./rpc.ts";

const BLOCKS_PER_PAGE = 10_000;

/** Everything the chain says that bears on one journey, in chain order, up to `headBlock`. */
export interface ChainLog {
  chainId: bigint;
  headBlock: number;
  registry: (ParticipantEvent | DeviceEvent | EquipmentEvent | FlowRegistered | SpecificationRegistered)[];
  journey: JourneyEvent[];
}

export interface LogFilter {
  addresses: readonly string[];
  topics?: readonly (string | null)[];
  fromBlock?: number;
}

/** Reads the logs a verifier needs for one journey; the journey's own logs are filtered by their first topic. */
export async function readChainLog(
  rpc: Rpc,
  addresses: LedgerAddresses,
  journeyId: string,
  fromBlock = 0,
): Promise<ChainLog> {
  const [chainId, head] = await Promise.all([
    rpc.call<string>("eth_chainId", []),
    rpc.call<string>("eth_blockNumber", []),
  ]);
  const headBlock = Number.parseInt(head, 16);
  const decode = createLogDecoder(addresses);
  const registry = await readLogs(rpc, headBlock, {
    addresses: [addresses.participantRegistry, addresses.deviceRegistry, addresses.flowRegistry, addresses.specificationRegistry, addresses.equipmentRegistry],
    fromBlock,
  });
  const journey = await readLogs(rpc, headBlock, {
    addresses: [
      addresses.custodyLedger,
      addresses.exceptionRegister,
      addresses.conditionProofs,
      addresses.dispositionRegister,
      addresses.batchProofs,
      addresses.identityChecks,
      addresses.releaseRegister,
    ],
    topics: [null, journeyId],
    fromBlock,
  });
  return {
    chainId: BigInt(chainId),
    headBlock,
    registry: inChainOrder(registry.map(decode)) as ChainLog["registry"],
    journey: inChainOrder(journey.map(decode)) as ChainLog["journey"],
  };
}

/**
 * All logs a filter matches up to `headBlock`, page by page. A page the node refuses (too many blocks or results) is
 * halved; a single block it refuses is the node's error, thrown on.
 */
export async function readLogs(rpc: Rpc, headBlock: number, filter: LogFilter): Promise<RawLog[]> {
  const logs: RawLog[] = [];
  let pageSize = BLOCKS_PER_PAGE;
  let from = filter.fromBlock ?? 0;
  while (from <= headBlock) {
    const to = Math.min(from + pageSize - 1, headBlock);
    try {
      const page = await rpc.call<RawLog[]>("eth_getLogs", [
        {
          address: filter.addresses,
          ...(filter.topics === undefined ? {} : { topics: filter.topics }),
          fromBlock: `0x${from.toString(16)}`,
          toBlock: `0x${to.toString(16)}`,
        },
      ]);
      for (const log of page) logs.push(log);
      from = to + 1;
    } catch (error) {
      const isRefused = error instanceof ThreadlineError && error.code === "rpc-refused";
      if (!isRefused || to === from) throw error;
      pageSize = Math.max(1, Math.floor((to - from + 1) / 2));
    }
  }
  return logs;
}

function inChainOrder(events: (LedgerEvent | null)[]): LedgerEvent[] {
  return events
    .filter((event) => event !== null)
    .sort((left, right) => left.blockNumber - right.blockNumber || left.logIndex - right.logIndex);
}
