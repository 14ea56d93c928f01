import { AsyncLocalStorage } from "node:async_hooks";
import type { Kysely, KyselyPlugin, Transaction } from "kysely";
import { ThreadlineError } from "../model/errors.ts";
import type { Database } from "./schema.ts";

/**
 * Refuses the use of the database itself inside a transaction's callback. PGlite has one connection, so such a query
 * would wait for the transaction that waits for it; on PostgreSQL it would quietly read outside the transaction.
 */
export function refuseNestedUse(database: Kysely<Database>): Kysely<Database> {
  const running = new AsyncLocalStorage<{ open: boolean }>();
  const check = () => {
    if (running.getStore()?.open !== true) return;
    throw new ThreadlineError(
      "nested-database-use",
      "a query inside a transaction went to the database instead of the transaction; pass the transaction on",
    );
  };
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      check();
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  const guarded = database.withPlugin(plugin);
  guarded.transaction = () => {
    check();
    const builder = database.transaction();
    const execute = builder.execute.bind(builder);
    builder.execute = async <T>(callback: (transaction: Transaction<Database>) => Promise<T>): Promise<T> => {
      const state = { open: true };
      try {
        return await execute((transaction) => running.run(state, () => callback(transaction)));
      } finally {
        state.open = false;
      }
    };
    return builder;
  };
  return guarded;
}
