import { Contract, JsonRpcProvider } from "ethers";
import { ThreadlineError } from "../model/errors.ts";
import type { SigningLedger } from "../model/signing/index.ts";

/** What a signer asks of the ledger itself, beside the oracle. */
export interface LedgerView {
  head(journeyId: string): Promise<string>;
  /** Whether the journey was opened under the flow with this document. */
  followsFlow(journeyId: string, flowDocumentHash: string): Promise<boolean>;
}

const CUSTODY = [
  "function head(bytes32) view returns (bytes32)",
  "function journey(bytes32) view returns (tuple(uint32 flow, uint32 eventCount, uint32 custodian, uint64 recordedSteps, uint40 releasedAt, bool handoverPending, uint8 releasedGates))",
];
const FLOWS = ["function flowByDocument(bytes32) view returns (uint32)"];

/** Chain and contracts by the addresses the signer was given, through an RPC endpoint of the signer's choice. */
export interface LedgerPlace {
  rpcUrl: string;
  addresses: SigningLedger["addresses"] & { flowRegistry: string };
}

/** Reads the ledger; `close` it. Throws `ledger-unreachable` when the endpoint does not answer. */
export async function openLedgerView({ rpcUrl, addresses }: LedgerPlace): Promise<LedgerView & { ledger: SigningLedger; close(): void }> {
  const chainId = await chainIdOf(rpcUrl);
  const provider = new JsonRpcProvider(rpcUrl, chainId, { staticNetwork: true, cacheTimeout: -1 });
  const custody = new Contract(addresses.custodyLedger, CUSTODY, provider);
  const flows = new Contract(addresses.flowRegistry, FLOWS, provider);
  return {
    ledger: { chainId, addresses },
    head: (journeyId) => custody.getFunction("head")(journeyId) as Promise<string>,
    async followsFlow(journeyId, documentHash) {
      const [journey, flow] = await Promise.all([custody.getFunction("journey")(journeyId), flows.getFunction("flowByDocument")(documentHash)]);
      return flow !== 0n && (journey as { flow: bigint }).flow === flow;
    },
    close: () => provider.destroy(),
  };
}

async function chainIdOf(rpcUrl: string): Promise<bigint> {
  try {
    const request = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };
    const response = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) });
    return BigInt(((await response.json()) as { result: string }).result);
  } catch (cause) {
    throw new ThreadlineError("ledger-unreachable", `no chain answers at ${rpcUrl}`, { rpcUrl }, { cause });
  }
}
