import { Transaction, keccak256 } from "ethers";
import type { Wallet } from "ethers";
import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { Database } from "../store/schema.ts";
import type { LedgerClient } from "./client.ts";
import type { LostDecisions } from "./lost-decisions.ts";
import { classifyBroadcastError } from "./rpc-dialects.ts";
import { readGasPrice } from "./simulation.ts";
import type { StoredTransaction, TransactionStore } from "./transaction-store.ts";

/** The same bytes go out again when no receipt came for this long. */
const REBROADCAST_MILLISECONDS = 1_000;
/** A node may want this much more for other bytes with the same nonce. */
const REPRICE_PERCENT = 125n;
const EMPTY_TRANSACTION_GAS = 21_000n;

export interface Settlement {
  /** The account's next nonce as the chain has it. */
  chainNonce: number;
  /** Stored transactions whose fate is not known yet. */
  open: number;
  /** Transactions found mined, by this call. */
  mined: number;
  /** True when the chain refused or lost something: what was remembered of it may be wrong. */
  surprised: boolean;
}

interface Parts {
  database: Kysely<Database>;
  ledger: LedgerClient;
  wallet: Wallet;
  store: TransactionStore;
  lost: LostDecisions;
  logger: Logger;
}

/**
 * Asks the chain about every stored transaction that is not known to be mined, and sends again, byte for byte and in
 * nonce order, what it does not have. That a transaction was marked mined counts for nothing when the chain's nonce
 * says otherwise: a chain can lose its last blocks. Decisions among what it lost are judged first, see `lost-decisions.ts`.
 */
export function createSettlement({ database, ledger, wallet, store, lost, logger }: Parts) {
  const lastBroadcast = new Map<string, number>();
  /** Transactions that the chain lost, or may have while nobody looked: numbers of those not judged since. */
  const doubtful = new Set<number>();
  let hasLooked = false;

  async function broadcast(transaction: StoredTransaction): Promise<void> {
    const { hash, raw, nonce } = transaction;
    if (Date.now() - (lastBroadcast.get(hash) ?? 0) < REBROADCAST_MILLISECONDS) return;
    lastBroadcast.set(hash, Date.now());
    try {
      await ledger.rpc.send("eth_sendRawTransaction", [raw]);
    } catch (error) {
      const verdict = classifyBroadcastError(error);
      if (verdict === "already-known") return;
      if (verdict === "underpriced") return reprice(transaction);
      logger.warn({ hash, nonce, verdict, error }, "a transaction was not accepted; its fate will be asked for");
    }
  }

  /** The node refused the price itself, so these bytes are in nobody's pool: the same call goes out at another price. */
  async function reprice(transaction: StoredTransaction): Promise<void> {
    if ((await receiptOf(transaction.hash)) !== null) return;
    const unsigned = Transaction.from(transaction.raw).clone();
    const raised = ((unsigned.gasPrice ?? 0n) * REPRICE_PERCENT) / 100n + 1n;
    const asked = await readGasPrice(ledger);
    unsigned.signature = null;
    unsigned.gasPrice = asked > raised ? asked : raised;
    const raw = await wallet.signTransaction(unsigned);
    await store.replaceBytes(transaction.transaction_number, keccak256(raw), raw);
    logger.warn({ nonce: transaction.nonce, gasPrice: unsigned.gasPrice.toString() }, "the node asks for a higher gas price");
  }

  /** Its operations went out again under a later nonce, so the lost transaction itself must not: an empty one goes. */
  async function fillNonce(transaction: StoredTransaction): Promise<void> {
    const { nonce } = transaction;
    const gasPrice = await readGasPrice(ledger);
    const empty = { type: 0, chainId: ledger.chainId, nonce, gasPrice, gasLimit: EMPTY_TRANSACTION_GAS, to: wallet.address };
    const raw = await wallet.signTransaction(empty);
    const hash = keccak256(raw);
    await store.replaceBytes(transaction.transaction_number, hash, raw);
    Object.assign(transaction, { raw, hash });
  }

  /** Whether a decision that the chain may have lost can go out now, as it is or signed anew under its own nonce. */
  async function settleDecision(transaction: StoredTransaction, chainNonce: number): Promise<boolean> {
    const { transaction_number: number, nonce, hash } = transaction;
    if (!doubtful.has(number)) return true;
    if (!(await lost.isDecision(transaction))) return doubtful.delete(number);
    if (nonce > chainNonce) return false;
    const verdict = await lost.judge(transaction);
    if (verdict.is === "wait") return false;
    if (verdict.is === "renewed") {
      const { to, data, gasLimit } = verdict;
      const { gasPrice } = Transaction.from(transaction.raw);
      const raw = await wallet.signTransaction({ type: 0, chainId: ledger.chainId, nonce, gasPrice, gasLimit, to, data, value: 0n });
      await store.replaceBytes(number, keccak256(raw), raw);
      Object.assign(transaction, { raw, hash: keccak256(raw) });
      logger.warn({ nonce, before: hash }, "a decision on a record that the chain lost is signed anew over the present one");
    }
    if (verdict.is === "refused") {
      logger.warn({ nonce, hash, refusal: verdict.refusal }, "a decision that the chain lost does not hold any more; its nonce is filled");
      await store.giveBack(number);
      await fillNonce(transaction);
      await store.mark(number, "signed");
    }
    return doubtful.delete(number);
  }

  async function receiptOf(hash: string): Promise<{ status: string } | null> {
    return (await ledger.rpc.send("eth_getTransactionReceipt", [hash])) as { status: string } | null;
  }

  /** Another transaction took the nonce. Only when the index has seen all there is can that be told from a lagging node. */
  async function nonceIsLost(transaction: StoredTransaction): Promise<boolean> {
    const head = Number(BigInt((await ledger.rpc.send("eth_blockNumber")) as string));
    const cursor = await database.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
    if (cursor === undefined || cursor.block_number < head) return false;
    return (await receiptOf(transaction.hash)) === null;
  }

  async function settleMined(transaction: StoredTransaction): Promise<"mined" | "given-back" | "open"> {
    const receipt = await receiptOf(transaction.hash);
    const { hash, nonce, transaction_number: number } = transaction;
    if (receipt === null && !(await nonceIsLost(transaction))) return "open";
    lastBroadcast.delete(hash);
    if (receipt !== null && BigInt(receipt.status) === 1n) {
      await store.mark(number, "mined");
      return "mined";
    }
    logger.warn({ hash, nonce }, "a transaction had no effect; its operations are sent anew");
    await store.giveBack(number);
    return "given-back";
  }

  return async function settle(): Promise<Settlement> {
    const chainNonce = Number(BigInt((await ledger.rpc.send("eth_getTransactionCount", [wallet.address, "latest"])) as string));
    const result: Settlement = { chainNonce, open: 0, mined: 0, surprised: false };
    const open = await store.open(chainNonce);
    if (!hasLooked) open.forEach(({ transaction_number: number }) => doubtful.add(number));
    hasLooked = true;
    for (const transaction of open) {
      if (transaction.nonce < chainNonce) {
        const fate = await settleMined(transaction);
        if (fate === "open") result.open += 1;
        if (fate === "mined") result.mined += 1;
        if (fate === "given-back") result.surprised = true;
        continue;
      }
      result.open += 1;
      if (transaction.status !== "signed") {
        logger.warn({ hash: transaction.hash, nonce: transaction.nonce }, "the chain lost a mined transaction; it is sent again");
        result.surprised = true;
        doubtful.add(transaction.transaction_number);
        if (transaction.status === "reverted") await fillNonce(transaction);
        await store.mark(transaction.transaction_number, "signed");
      }
      // What is signed over the record waits for the record before it, and all that follows waits for it.
      if (!(await settleDecision(transaction, chainNonce))) break;
      await broadcast(transaction);
    }
    return result;
  };
}
