import type { Kysely } from "kysely";
import { pino } from "pino";
import type { Logger } from "pino";
import type { Database } from "../store/schema.ts";
import type { LedgerClient } from "./client.ts";
import { createIndexer } from "./indexer.ts";

/**
 * Drops the read model and makes it anew from the chain's first block, then makes the outbox agree with it.
 * For a database no other indexer works on; a running node asks its own indexer.
 */
export async function rebuildReadModel(
  database: Kysely<Database>,
  ledger: LedgerClient,
  logger: Logger = pino({ level: "silent" }),
): Promise<void> {
  const indexer = createIndexer({ database, ledger, logger });
  try {
    await indexer.rebuild();
  } finally {
    await indexer.close();
  }
}
