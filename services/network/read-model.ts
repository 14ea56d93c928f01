import type { Kysely } from "kysely";
import { chainDigest, stateDigest } from "../ledger/index.ts";
import type { Indexer, LedgerClient } from "../ledger/index.ts";
import type { Database } from "../store/schema.ts";

/** What an operator may ask of the read model while the network runs. */
export interface ReadModelAdministration {
  rebuild(): Promise<{ rows: number; blockNumber: number }>;
  digest(): Promise<{ store: string; chain: string; equal: boolean }>;
}

export function createReadModelAdministration(parts: {
  database: Kysely<Database>;
  ledger: LedgerClient;
  indexer: Indexer;
}): ReadModelAdministration {
  return {
    async rebuild() {
      await parts.indexer.rebuild();
      const { rows } = await parts.database
        .selectFrom("chain_custody_events")
        .select((builder) => builder.fn.countAll<number>().as("rows"))
        .executeTakeFirstOrThrow();
      const cursor = await parts.database.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
      return { rows: Number(rows), blockNumber: cursor?.block_number ?? 0 };
    },
    async digest() {
      await parts.indexer.catchUp();
      const store = await stateDigest(parts.database);
      const chain = await chainDigest(parts.ledger);
      return { store, chain, equal: store === chain };
    },
  };
}
