import { expect, test } from "vitest";
import { RpcError, RpcTransportError } from "../../services/ledger/json-rpc.ts";
import { classifyBroadcastError, isRevert } from "../../services/ledger/rpc-dialects.ts";

test.each([
  ["anvil", "transaction already imported", "already-known"],
  ["geth", "already known", "already-known"],
  ["Besu", "Known transaction", "already-known"],
  ["Nethermind", "AlreadyKnown", "already-known"],
  ["Erigon", "ALREADY_EXISTS: already known", "already-known"],
  ["any", "unknown transaction", "doubt"],
  ["anvil, geth", "nonce too low", "nonce-too-low"],
  ["geth", "nonce too low: next nonce 5, tx nonce 4", "nonce-too-low"],
  ["Besu", "Nonce too low", "nonce-too-low"],
  ["Besu", "Transaction nonce is below sender account nonce", "nonce-too-low"],
  ["anvil, geth", "replacement transaction underpriced", "replacement-underpriced"],
  ["Besu", "Replacement transaction underpriced", "replacement-underpriced"],
  ["geth", "transaction underpriced: gas tip cap 0, minimum needed 1", "underpriced"],
  ["Besu", "Gas price below configured minimum gas price", "underpriced"],
  ["geth", "max fee per gas less than block base fee: address 0x1, maxFeePerGas: 0, baseFee: 7", "underpriced"],
  ["anvil", "Insufficient funds for gas * price + value", "insufficient-funds"],
  ["Besu", "Upfront cost exceeds account balance", "insufficient-funds"],
  ["any", "exceeds block gas limit", "doubt"],
])("%s: %s", (_, message, verdict) => {
  expect(classifyBroadcastError(new RpcError(-32_000, message, null))).toBe(verdict);
});

test("without an answer everything is a doubt", () => {
  expect(classifyBroadcastError(new RpcTransportError("nonce too low"))).toBe("doubt");
  expect(classifyBroadcastError(new Error("already known"))).toBe("doubt");
});

test("a refusal of the contract is told from trouble with the node", () => {
  expect(isRevert(new RpcError(3, "execution reverted", "0x08c379a0"))).toBe(true);
  expect(isRevert(new RpcError(-32_000, "Execution reverted", null))).toBe(true);
  expect(isRevert(new RpcError(-32_603, "Internal error", null))).toBe(false);
  expect(isRevert(new RpcTransportError("execution reverted"))).toBe(false);
});
