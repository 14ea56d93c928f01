import type { Kysely, Selectable } from "kysely";
import { ThreadlineError } from "../model/errors.ts";
import type { Database, LedgerTransactionRow } from "../store/schema.ts";

export type StoredTransaction = Selectable<LedgerTransactionRow>;

export interface NewTransaction {
  nonce: number;
  hash: string;
  raw: string;
}

/** The signed transactions of one account. A row is made before its first broadcast and its bytes are kept. */
export interface TransactionStore {
  /** One database transaction: nonce, raw bytes, and the operations they carry. */
  add(transaction: NewTransaction, operationNumbers: readonly number[]): Promise<void>;
  /** In nonce order: what is not known to be mined, and what the chain has lost (nonce at or above the chain's own). */
  open(chainNonce: number): Promise<StoredTransaction[]>;
  highestNonce(): Promise<number>;
  mark(transactionNumber: number, status: "signed" | "mined"): Promise<void>;
  /** The transaction had and will have no effect: its operations wait for another one. */
  giveBack(transactionNumber: number): Promise<void>;
  replaceBytes(transactionNumber: number, hash: string, raw: string): Promise<void>;
}

export function createTransactionStore(database: Kysely<Database>, signer: string): TransactionStore {
  return {
    add: (added, operationNumbers) =>
      database.transaction().execute(async (transaction) => {
        const { transaction_number } = await transaction
          .insertInto("ledger_transactions")
          .values({ signer, ...added, status: "signed", created_at_milliseconds: Date.now() })
          .returning("transaction_number")
          .executeTakeFirstOrThrow();
        const linked = await transaction
          .updateTable("ledger_operations")
          .set({ status: "submitted", transaction_number })
          .where("operation_number", "in", operationNumbers)
          .where("status", "=", "pending")
          .executeTakeFirst();
        if (Number(linked.numUpdatedRows) === operationNumbers.length) return;
        throw new ThreadlineError("operation-taken", "another relay took one of these operations; run one relay a database");
      }),
    open: (chainNonce) =>
      database
        .selectFrom("ledger_transactions")
        .selectAll()
        .where("signer", "=", signer)
        .where((where) => where.or([where("status", "=", "signed"), where("nonce", ">=", chainNonce)]))
        .orderBy("nonce")
        .execute(),
    async highestNonce() {
      const row = await database
        .selectFrom("ledger_transactions")
        .select(({ fn }) => fn.max("nonce").as("nonce"))
        .where("signer", "=", signer)
        .executeTakeFirst();
      return row?.nonce ?? -1;
    },
    async mark(transactionNumber, status) {
      await database.updateTable("ledger_transactions").set({ status }).where("transaction_number", "=", transactionNumber).execute();
    },
    giveBack: (transactionNumber) =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable("ledger_transactions")
          .set({ status: "reverted" })
          .where("transaction_number", "=", transactionNumber)
          .execute();
        await transaction
          .updateTable("ledger_operations")
          .set({ status: "pending", transaction_number: null })
          .where("transaction_number", "=", transactionNumber)
          .where("status", "=", "submitted")
          .execute();
      }),
    async replaceBytes(transactionNumber, hash, raw) {
      await database
        .updateTable("ledger_transactions")
        .set({ hash, raw })
        .where("transaction_number", "=", transactionNumber)
        .execute();
    },
  };
}
