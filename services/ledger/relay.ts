import { Wallet, keccak256 } from "ethers";
import type { Kysely, Selectable } from "kysely";
import type { Logger } from "pino";
import type { Failure } from "../schedule/failure-record.ts";
import { createWorkLoop } from "../schedule/work-loop.ts";
import type { Notifications } from "../store/notifications.ts";
import type { Database, LedgerOperationRow } from "../store/schema.ts";
import type { LedgerClient } from "./client.ts";
import { createCustodyCalls } from "./custody-calls.ts";
import { createHostedKeys } from "./hosted-keys.ts";
import type { Indexer } from "./indexer.ts";
import type { Keyring } from "./keyring.ts";
import { createOperationCalls } from "./operation-calls.ts";
import { createLostDecisions } from "./lost-decisions.ts";
import { LARGEST_CUSTODY_BATCH, firstGroup } from "./operation-groups.ts";
import { parseOperation } from "./operation.ts";
import type { Operation, OperationOf } from "./operation.ts";
import { createPreparation } from "./preparation.ts";
import { markRecordedByKeys } from "./recorded.ts";
import { createSettlement } from "./settlement.ts";
import { readGasPrice } from "./simulation.ts";
import { createTransactionStore } from "./transaction-store.ts";

export interface RelayParts {
  database: Kysely<Database>;
  ledger: LedgerClient;
  /** Private key of the account that relays: it holds the ledger's oracle and registrar roles. */
  signer: string;
  keyring: Keyring;
  logger: Logger;
  notifications?: Notifications;
  /** Told when transactions were mined, so that it need not wait for its next poll. */
  indexer?: Pick<Indexer, "notify">;
  /** How often to look for operations nobody told of; default 100. */
  pollMilliseconds?: number;
}

export interface Relay {
  /** Account of the relay. */
  account: string;
  start(): void;
  /** Says that there may be new operations. */
  notify(): void;
  /** Resolves when every operation is refused or in a mined transaction. Rejects when the relay was closed. */
  flush(): Promise<void>;
  /** Why it does not get on; null while it does. */
  failure(): Failure | null;
  close(): Promise<void>;
}

/**
 * Brings the outbox to the ledger: at-least-once delivery, exactly-once effect. One account, one queue, one
 * transaction under way. Nothing is marked recorded here: only the indexer does that, from what the chain says.
 */
export function createRelay(parts: RelayParts): Relay {
  const { database, ledger, logger, notifications } = parts;
  const wallet = new Wallet(parts.signer);
  const keys = createHostedKeys(database, parts.keyring);
  const custody = createCustodyCalls(ledger, keys);
  const store = createTransactionStore(database, wallet.address);
  const calls = createOperationCalls(ledger, keys, custody);
  const prepare = createPreparation({ ledger, account: wallet.address, calls, forget: custody.forget });
  const lost = createLostDecisions({ database, ledger, account: wallet.address, prepare });
  const settle = createSettlement({ database, ledger, wallet, store, lost, logger });
  let gasPrice: bigint | undefined;

  const loop = createWorkLoop({ name: "the relay", step, everyMilliseconds: parts.pollMilliseconds ?? 100, logger, onError: forget });

  async function step(): Promise<"idle" | "waiting" | "worked"> {
    const settlement = await settle();
    if (settlement.mined > 0) parts.indexer?.notify();
    if (settlement.surprised) custody.forget();
    if (settlement.open > 0) return "waiting";
    const operations = await pendingOperations();
    if (operations.length === 0) return "idle";
    await sendFirst(firstGroup(operations), settlement.chainNonce);
    return "worked";
  }

  /** Operations waiting, in their order; what cannot even be read is refused, what the ledger already has is marked. */
  async function pendingOperations(): Promise<Operation[]> {
    const rows = await database
      .selectFrom("ledger_operations")
      .selectAll()
      .where("status", "=", "pending")
      .orderBy("operation_number")
      .limit(LARGEST_CUSTODY_BATCH)
      .execute();
    const recorded = await markRecordedByKeys(database, rows.map((row) => row.natural_key));
    const operations: Operation[] = [];
    for (const row of rows.filter((candidate) => !recorded.has(candidate.natural_key))) {
      const operation = await parseOrRefuse(row);
      if (operation !== null) operations.push(operation);
    }
    return operations;
  }

  async function parseOrRefuse(row: Selectable<LedgerOperationRow>): Promise<Operation | null> {
    try {
      return parseOperation(row);
    } catch (error) {
      const { operation_number: number, kind, journey_id: journeyId } = row;
      await refuse({ number, kind, journeyId }, `operation-invalid: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  async function sendFirst(group: Operation[], chainNonce: number): Promise<void> {
    const prepared = await prepare(group);
    if (prepared.refusal !== null) {
      const [first] = group;
      if (first !== undefined) await refuse(first, prepared.refusal);
      return;
    }
    gasPrice ??= await readGasPrice(ledger);
    const nonce = Math.max(chainNonce, (await store.highestNonce()) + 1);
    const { to, data, gasLimit } = prepared;
    const raw = await wallet.signTransaction({ type: 0, chainId: ledger.chainId, nonce, gasPrice, gasLimit, to, data, value: 0n });
    const sent = group.slice(0, prepared.count);
    await store.add({ nonce, hash: keccak256(raw), raw }, sent.map((operation) => operation.number));
    if (sent[0]?.kind === "custody-event") custody.taken(sent as OperationOf<"custody-event">[]);
  }

  async function refuse(operation: Pick<Operation, "number" | "kind" | "journeyId">, error: string): Promise<void> {
    await database
      .updateTable("ledger_operations")
      .set({ status: "refused", error })
      .where("operation_number", "=", operation.number)
      .where("status", "=", "pending")
      .execute();
    logger.warn({ operation: operation.number, kind: operation.kind, error }, "the ledger refuses an operation");
    const data = { operationNumber: operation.number, kind: operation.kind, status: "refused", error };
    notifications?.publish({ type: "operation", journeyId: operation.journeyId, data, atMilliseconds: Date.now() });
  }

  /** After a failure nothing remembered of the chain counts. */
  function forget(): void {
    custody.forget();
    gasPrice = undefined;
  }

  return {
    account: wallet.address,
    start: loop.start,
    notify: loop.notify,
    flush: loop.untilIdle,
    failure: loop.failure,
    close: loop.close,
  };
}
