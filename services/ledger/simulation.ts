import { toQuantity } from "ethers";
import type { LedgerClient } from "./client.ts";
import { isRevert } from "./rpc-dialects.ts";
import type { LedgerCall } from "./operation-calls.ts";
import { RpcError } from "./json-rpc.ts";

const MARGIN_PERCENT = 130n;

/**
 * Runs a call without sending it and returns a gas limit under which it goes through. A guess that holds saves the
 * node's own search. Throws RpcError (see `isRevert`) when the contract refuses, RpcTransportError without an answer.
 */
export async function simulate(ledger: LedgerClient, from: string, call: LedgerCall): Promise<bigint> {
  const request = { from, to: call.to, data: call.data };
  if (call.gasGuess !== null && (await succeeds(ledger, { ...request, gas: toQuantity(call.gasGuess) }))) return call.gasGuess;
  const estimate = BigInt((await ledger.rpc.send("eth_estimateGas", [request, "latest"])) as string);
  return (estimate * MARGIN_PERCENT) / 100n;
}

async function succeeds(ledger: LedgerClient, request: Record<string, string>): Promise<boolean> {
  try {
    await ledger.rpc.send("eth_call", [request, "latest"]);
    return true;
  } catch (error) {
    if (isRevert(error) || error instanceof RpcError) return false;
    throw error;
  }
}

/**
 * Gas price for transactions of the old type: 0 on a chain that asks for none, else twice what the node asks, so that
 * a rising base fee does not strand it.
 */
export async function readGasPrice(ledger: LedgerClient): Promise<bigint> {
  const block = (await ledger.rpc.send("eth_getBlockByNumber", ["latest", false])) as { baseFeePerGas?: string } | null;
  if (block?.baseFeePerGas !== undefined && BigInt(block.baseFeePerGas) === 0n) return 0n;
  return 2n * BigInt((await ledger.rpc.send("eth_gasPrice")) as string);
}
