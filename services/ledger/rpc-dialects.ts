import { RpcError } from "./json-rpc.ts";

/**
 * What a node's answer to a transaction means for the one who sent it.
 * `already-known`: it is in the pool. `nonce-too-low`: it, or another with its nonce, is mined.
 * `replacement-underpriced`: another with its nonce is in the pool. `underpriced`: the node wants a higher gas price.
 */
export type BroadcastVerdict =
  | "already-known"
  | "nonce-too-low"
  | "replacement-underpriced"
  | "underpriced"
  | "insufficient-funds"
  | "doubt";

/** First match counts. Words of anvil, geth (and its forks), Besu, Nethermind and Erigon. */
const DIALECTS: readonly (readonly [RegExp, BroadcastVerdict])[] = [
  [/(?<!un)known transaction|already[ _]?known|already imported|already exists/i, "already-known"],
  [/nonce too low|nonce[ _]too[ _]low|nonce is below|oldnonce/i, "nonce-too-low"],
  [/replacement.*underpriced|underpriced.*replac|replacementnotallowed/i, "replacement-underpriced"],
  [/underpriced|gas ?price.*(below|too low)|fee.*(too low|less than block base fee)|feetoolow/i, "underpriced"],
  [/insufficient funds|insufficientfunds|upfront.?cost/i, "insufficient-funds"],
];

/** Reads an error of `eth_sendRawTransaction`; whatever is not understood is a doubt, to be settled by asking again. */
export function classifyBroadcastError(error: unknown): BroadcastVerdict {
  if (!(error instanceof RpcError)) return "doubt";
  return DIALECTS.find(([pattern]) => pattern.test(error.message))?.[1] ?? "doubt";
}

/** Whether a simulated call ended in the contract's refusal, and not in trouble with the node. */
export function isRevert(error: unknown): error is RpcError {
  if (!(error instanceof RpcError)) return false;
  return error.data !== null || error.code === 3 || /revert|out of ?gas|exceeds allowance|invalid opcode/i.test(error.message);
}
