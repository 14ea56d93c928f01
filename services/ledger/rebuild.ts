import type { Kysely } from "kysely";
import { pino } from "pino";
import type { Logger } from "pino";
import type { Database } from "../store/schema.ts";
import type { LedgerClient } from "./client.ts";
import { createIndexer } from "./indexer.ts";
import { clearReadModel } from "./read-model.ts";

/**
 * Drops the read model and makes it anew from the chain's first block, then makes the outbox agree with it.
 * No other indexer may work on the same database meanwhile.
 */
export async function rebuildReadModel(
  database: Kysely<Database>,
  ledger: LedgerClient,
  logger: Logger = pino({ level: "silent" }),
): Promise<void> {
  await database.transaction().execute(clearReadModel);
  const indexer = createIndexer({ database, ledger, logger });
  try {
    await indexer.catchUp();
  } finally {
    await indexer.close();
  }
}
