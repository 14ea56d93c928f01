import { Contract, JsonRpcProvider, Network, getAddress } from "ethers";
import type { Interface, Result } from "ethers";
import { ThreadlineError } from "../model/errors.ts";
import { LEDGER_CONTRACT_NAMES, errorInterface, loadInterfaces } from "./abi.ts";
import type { LedgerContractName, LedgerInterfaces } from "./abi.ts";
import { createJsonRpc } from "./json-rpc.ts";
import type { JsonRpc } from "./json-rpc.ts";

export type LedgerAddresses = Record<LedgerContractName, string>;

export interface LedgerClient {
  rpcUrl: string;
  chainId: bigint;
  addresses: LedgerAddresses;
  interfaces: LedgerInterfaces;
  errors: Interface;
  contracts: Record<LedgerContractName, Contract>;
  provider: JsonRpcProvider;
  /** Bare JSON-RPC: nothing cached, no transaction sent twice. */
  rpc: JsonRpc;
  /** Calls a view function at the newest block. Throws RpcError with the revert data, or RpcTransportError. */
  read(contract: LedgerContractName, method: string, values: readonly unknown[]): Promise<Result>;
  /** Time of the newest block, Unix seconds: the clock that the ledger judges by. */
  blockTime(): Promise<number>;
  close(): void;
}

export interface LedgerClientOptions {
  rpcUrl: string;
  addresses: LedgerAddresses;
  timeoutMilliseconds?: number;
}

/** Connects to a ledger. Throws `ledger-unreachable` or `artifact-missing`. */
export async function createLedgerClient(options: LedgerClientOptions): Promise<LedgerClient> {
  const { rpcUrl } = options;
  const interfaces = loadInterfaces();
  const rpc = createJsonRpc(rpcUrl, options.timeoutMilliseconds);
  const chainId = await readChainId(rpc, rpcUrl);
  const provider = new JsonRpcProvider(rpcUrl, chainId, {
    staticNetwork: Network.from(chainId),
    pollingInterval: 50,
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  const byName = <T>(make: (name: LedgerContractName) => T) =>
    Object.fromEntries(LEDGER_CONTRACT_NAMES.map((name) => [name, make(name)])) as Record<LedgerContractName, T>;
  const addresses = byName((name) => getAddress(options.addresses[name]));
  return {
    rpcUrl,
    chainId,
    addresses,
    interfaces,
    errors: errorInterface(interfaces),
    contracts: byName((name) => new Contract(addresses[name], interfaces[name], provider)),
    provider,
    rpc,
    async blockTime() {
      const block = (await rpc.send("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
      return Number(BigInt(block.timestamp));
    },
    async read(contract, method, values) {
      const data = interfaces[contract].encodeFunctionData(method, values);
      const answer = await rpc.send("eth_call", [{ to: addresses[contract], data }, "latest"]);
      return interfaces[contract].decodeFunctionResult(method, answer as string);
    },
    close: () => provider.destroy(),
  };
}

async function readChainId(rpc: JsonRpc, rpcUrl: string): Promise<bigint> {
  try {
    return BigInt((await rpc.send("eth_chainId")) as string);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThreadlineError(
      "ledger-unreachable",
      `no ledger answers at ${rpcUrl} (${reason}); start it or correct the RPC URL`,
      { rpcUrl },
      { cause: error },
    );
  }
}
