import { toQuantity } from "ethers";
import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { Failure } from "../schedule/failure-record.ts";
import { createWorkLoop } from "../schedule/work-loop.ts";
import type { Notifications } from "../store/notifications.ts";
import type { Database } from "../store/schema.ts";
import { collectChanges } from "./chain-changes.ts";
import type { ChainChanges } from "./chain-changes.ts";
import type { LedgerClient } from "./client.ts";
import { RpcError } from "./json-rpc.ts";
import { createLogDecoder } from "./log-entry.ts";
import type { RawLog } from "./log-entry.ts";
import { clearReadModel, writeChanges } from "./read-model.ts";
import { markRecorded, reconcileOperations } from "./recorded.ts";

export interface IndexerParts {
  database: Kysely<Database>;
  ledger: LedgerClient;
  notifications?: Notifications;
  logger: Logger;
  /** How often to look for a new block; default 100. */
  pollMilliseconds?: number;
  /** Most blocks asked for at once; default 5,000. Fewer where logs are dense or the node allows no more. */
  pageBlocks?: number;
}

export interface Indexer {
  start(): void;
  /** Says that there may be a new block. */
  notify(): void;
  /** Resolves when the read model has everything up to the chain's newest block. */
  catchUp(): Promise<void>;
  /** Drops the read model and makes it anew from the chain's first block; resolves when it is whole again. */
  rebuild(): Promise<void>;
  /** Why it does not get on; null while it does. */
  failure(): Failure | null;
  close(): Promise<void>;
}

const FIRST_PAGE_BLOCKS = 500;
const FEW_LOGS = 2_000;
const MANY_LOGS = 20_000;

interface Block {
  number: string;
  hash: string;
}

interface Cursor {
  block_number: number;
  block_hash: string;
}

/**
 * Follows the chain and writes the read model, a page of blocks in one database transaction together with the cursor.
 * The only part that marks a thing as recorded. The cursor keeps its block's hash: when the chain no longer has that
 * block (rollback, reorganisation), the read model is made anew from the first block.
 */
export function createIndexer(parts: IndexerParts): Indexer {
  const { database, ledger, notifications, logger } = parts;
  const mostBlocks = parts.pageBlocks ?? 5_000;
  let pageBlocks = Math.min(FIRST_PAGE_BLOCKS, mostBlocks);
  const decode = createLogDecoder(ledger);
  let reconciled = false;
  let rebuildAsked = false;
  /** While old history is read again, nothing in it is news. */
  let quietUntilBlock = -1;

  const loop = createWorkLoop({ name: "the indexer", step, everyMilliseconds: parts.pollMilliseconds ?? 100, logger });

  async function step(): Promise<"idle" | "worked"> {
    const cursor = await database.selectFrom("chain_cursor").selectAll().executeTakeFirst();
    const newest = await block("latest");
    const newestNumber = Number(BigInt(newest.number));
    if (cursor !== undefined && rebuildAsked) {
      await startAnew(cursor, "asked to read the chain anew");
      return "worked";
    }
    rebuildAsked = false;
    if (cursor !== undefined && !(await isOnChain(cursor, newest, newestNumber))) {
      await startAnew(cursor, "the chain no longer has the last block read: reading it anew");
      return "worked";
    }
    const from = (cursor?.block_number ?? -1) + 1;
    if (from > newestNumber) {
      if (!reconciled) await reconcileOperations(database);
      reconciled = true;
      return "idle";
    }
    await indexPage(cursor, from, Math.min(newestNumber, from + pageBlocks - 1));
    return "worked";
  }

  async function block(number: string): Promise<Block> {
    const found = (await ledger.rpc.send("eth_getBlockByNumber", [number, false])) as Block | null;
    if (found === null) throw new Error(`the node has no block ${number}; it may be catching up`);
    return found;
  }

  async function isOnChain(cursor: Cursor, newest: Block, newestNumber: number): Promise<boolean> {
    if (cursor.block_number > newestNumber) return false;
    const same = cursor.block_number === newestNumber ? newest : await block(toQuantity(cursor.block_number));
    return same.hash === cursor.block_hash;
  }

  async function startAnew(cursor: Cursor, why: string): Promise<void> {
    logger.warn({ block: cursor.block_number }, why);
    rebuildAsked = false;
    quietUntilBlock = cursor.block_number;
    reconciled = false;
    await database.transaction().execute(clearReadModel);
  }

  async function indexPage(cursor: Cursor | undefined, from: number, to: number): Promise<void> {
    const last = await block(toQuantity(to));
    const changes = collectChanges(await decode(await readLogs(from, to)));
    // The chain may have changed while it was read: the page counts only when both its ends still stand.
    if ((await block(toQuantity(to))).hash !== last.hash) return;
    if (cursor !== undefined && !(await isOnChain(cursor, last, to))) return;
    await database.transaction().execute(async (transaction) => {
      await writeChanges(transaction, changes);
      await markRecorded(transaction, changes.keys);
      const position = { block_number: to, block_hash: last.hash };
      await transaction
        .insertInto("chain_cursor")
        .values({ id: 1, ...position })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(position))
        .execute();
    });
    if (to > quietUntilBlock) publish(changes);
  }

  /** Nodes limit an answer in their own ways; a page that is refused is asked for by halves. */
  async function readLogs(from: number, to: number): Promise<RawLog[]> {
    const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to), address: Object.values(ledger.addresses) };
    try {
      const logs = (await ledger.rpc.send("eth_getLogs", [filter])) as RawLog[];
      if (logs.length < FEW_LOGS) pageBlocks = Math.min(mostBlocks, pageBlocks * 2);
      if (logs.length > MANY_LOGS) pageBlocks = Math.ceil(pageBlocks / 2);
      return logs;
    } catch (error) {
      if (!(error instanceof RpcError) || from === to) throw error;
      const middle = Math.floor((from + to) / 2);
      pageBlocks = middle - from + 1;
      return [...(await readLogs(from, middle)), ...(await readLogs(middle + 1, to))];
    }
  }

  function rebuild(): Promise<void> {
    rebuildAsked = true;
    return loop.untilIdle();
  }

  function publish(changes: ChainChanges): void {
    if (notifications === undefined) return;
    const atMilliseconds = Date.now();
    for (const notification of changes.notifications) notifications.publish({ ...notification, atMilliseconds });
  }

  return { start: loop.start, notify: loop.notify, catchUp: loop.untilIdle, rebuild, failure: loop.failure, close: loop.close };
}
