import { Transaction } from "ethers";
import type { Kysely } from "kysely";
import type { Database, LedgerOperationKind } from "../store/schema.ts";
import type { LedgerClient } from "./client.ts";
import { parseOperation } from "./operation.ts";
import type { Operation } from "./operation.ts";
import type { Prepared } from "./preparation.ts";
import { isRevert } from "./rpc-dialects.ts";
import type { StoredTransaction } from "./transaction-store.ts";

/** Operations signed over the record as it stood, or with a time that runs out: on another record their bytes are void. */
const DECISIONS: ReadonlySet<LedgerOperationKind> = new Set([
  "release-gate",
  "advance-exception",
  "accept-interval",
  "accept-equipment",
  "decide-disposition",
  "take-exceptional-release-step",
  "acknowledge-recall",
  "record-identity-check",
  "grant-access",
  "revoke-access",
] satisfies LedgerOperationKind[]);

/**
 * `holds`: the stored bytes still go through. `wait`: the index may not know yet that the chain lost it. Otherwise the same
 * operations built anew, or why the ledger refuses them now.
 */
export type Verdict = { is: "holds" } | { is: "wait" } | { is: "renewed"; to: string; data: string; gasLimit: bigint } | { is: "refused"; refusal: string };

interface Parts {
  database: Kysely<Database>;
  ledger: LedgerClient;
  account: string;
  prepare: (group: readonly Operation[]) => Promise<Prepared>;
}

/**
 * Judges stored decisions that a chain lost with its last blocks. What was recorded before them is recorded again at other
 * times, so the head that was signed is no more; sent as they are they would fail, and what came after them would count as
 * done without them. A hosted key signs anew under the same nonce; what a person signed is refused, and signed anew by them.
 */
export function createLostDecisions({ database, ledger, account, prepare }: Parts) {
  const rowsOf = (transaction: StoredTransaction) =>
    database
      .selectFrom("ledger_operations")
      .selectAll()
      .where("transaction_number", "=", transaction.transaction_number)
      .orderBy("operation_number")
      .execute();

  async function goesThrough({ raw }: StoredTransaction): Promise<boolean> {
    const { to, data } = Transaction.from(raw);
    try {
      await ledger.rpc.send("eth_call", [{ from: account, to, data }, "latest"]);
      return true;
    } catch (error) {
      if (isRevert(error)) return false;
      throw error;
    }
  }

  async function indexIsCurrent(): Promise<boolean> {
    const cursor = await database.selectFrom("chain_cursor").selectAll().executeTakeFirst();
    const newest = (await ledger.rpc.send("eth_getBlockByNumber", ["latest", false])) as { hash: string } | null;
    return cursor !== undefined && newest !== null && cursor.block_hash === newest.hash;
  }

  return {
    async isDecision(transaction: StoredTransaction): Promise<boolean> {
      return (await rowsOf(transaction)).some(({ kind }) => DECISIONS.has(kind));
    },
    /** For a transaction whose nonce is the chain's next: everything before it stands. */
    async judge(transaction: StoredTransaction): Promise<Verdict> {
      if (await goesThrough(transaction)) return { is: "holds" };
      const rows = await rowsOf(transaction);
      if (rows.some(({ status }) => status === "recorded") && !(await indexIsCurrent())) return { is: "wait" };
      const operations = rows.filter(({ status }) => status === "submitted").map(parseOperation);
      if (operations.length === 0) return { is: "refused", refusal: "nothing is left to do" };
      const prepared = await prepare(operations);
      if (prepared.refusal !== null) return { is: "refused", refusal: prepared.refusal };
      if (prepared.count < operations.length) return { is: "refused", refusal: "not all of it can be done any more" };
      const { to, data, gasLimit } = prepared;
      return { is: "renewed", to, data, gasLimit };
    },
  };
}

export type LostDecisions = ReturnType<typeof createLostDecisions>;
