import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { Database } from "../store/schema.ts";
import { createLegRules } from "./leg-rules.ts";
import { planSegments } from "./planner.ts";
import { proveSegment, submitProven } from "./proof-work.ts";
import type { ProverPool } from "./prover/prover-pool.ts";
import { createRounds } from "./rounds.ts";

export interface ProvingCoordinator {
  /** Segments may be waiting. */
  notify(): void;
  close(): Promise<void>;
}

export interface CoordinatorSettings {
  chainId: bigint;
  conditionProofs: string;
  /** Proofs made at a time. */
  concurrency: number;
  /** How often it looks for work nobody announced. */
  sweepMilliseconds?: number;
}

const RETRY_MILLISECONDS = 2_000;

/**
 * Turns sealed segments into proofs as they close, so that a leg's proof work is nearly done on arrival. Its state is in
 * the database only: after a crash it goes on where it was, and the ledger sees each proof once.
 */
export function createProvingCoordinator(
  settings: CoordinatorSettings,
  parts: { database: Kysely<Database>; prover: ProverPool; logger: Logger; onOperation: () => void },
): ProvingCoordinator {
  const { database, prover, logger } = parts;
  const rulesOf = createLegRules(database, settings);
  const inFlight = new Map<string, Promise<void>>();
  const resting = new Set<string>();
  const rounds = createRounds(
    async () => {
      if (await planSegments(database, rulesOf)) parts.onOperation();
      await start();
    },
    (error) => logger.error({ error }, "a proving round failed; it is tried again at the next sweep"),
    settings.sweepMilliseconds,
  );

  async function start(): Promise<void> {
    const free = settings.concurrency - inFlight.size;
    if (free <= 0) return;
    const waiting = await database
      .selectFrom("segments")
      .selectAll()
      .where("status", "=", "proving")
      .orderBy("received_at_milliseconds")
      .orderBy("from_tick")
      .limit(settings.concurrency + resting.size + inFlight.size)
      .execute();
    const next = waiting.filter(({ readings_commitment: key }) => !inFlight.has(key) && !resting.has(key));
    for (const row of next.slice(0, free)) inFlight.set(row.readings_commitment, work(row));
  }

  async function work(row: Parameters<typeof proveSegment>[3]): Promise<void> {
    const key = row.readings_commitment;
    try {
      await proveSegment(database, rulesOf, prover, row);
      parts.onOperation();
    } catch (error) {
      if (!rounds.isClosed()) {
        logger.warn({ readingsCommitment: key, error }, "a proof was not made; it is tried again");
        resting.add(key);
        setTimeout(() => {
          resting.delete(key);
          rounds.notify();
        }, RETRY_MILLISECONDS).unref();
      }
    } finally {
      inFlight.delete(key);
      rounds.notify();
    }
  }

  /** A crash between keeping a proof and putting it into the outbox leaves it proven and unsubmitted. */
  async function resubmit(): Promise<void> {
    const legs = await database.selectFrom("segments").select(["journey_id", "leg"]).distinct().where("status", "=", "proven").execute();
    for (const { journey_id, leg } of legs) await submitProven(database, rulesOf, journey_id, leg);
    parts.onOperation();
  }

  resubmit()
    .catch((error: unknown) => logger.error({ error }, "proven segments could not be handed over again"))
    .finally(rounds.notify);
  return {
    notify: rounds.notify,
    async close() {
      await rounds.close();
      await Promise.allSettled(inFlight.values());
    },
  };
}
