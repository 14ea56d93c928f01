import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { Database } from "../store/schema.ts";
import { createLegRules } from "./leg-rules.ts";
import { planSegments } from "./planner.ts";
import { createProofQueue } from "./proof-queue.ts";
import type { ProofQueue } from "./proof-queue.ts";
import { proveSegment, submitProven } from "./proof-work.ts";
import type { ProverPool } from "./prover/prover-pool.ts";

export interface CoordinatorSettings {
  chainId: bigint;
  conditionProofs: string;
  /** Proofs made at a time. */
  concurrency: number;
  /** How often it looks for work nobody announced. */
  sweepMilliseconds?: number;
}

/**
 * Turns sealed segments into proofs as they close, so that a leg's proof work is nearly done on arrival. Its state is in
 * the database only: after a crash it goes on where it was, and the ledger sees each proof once.
 */
export function createProvingCoordinator(
  settings: CoordinatorSettings,
  { database, prover, logger, onOperation }: { database: Kysely<Database>; prover: ProverPool; logger: Logger; onOperation: () => void },
): ProofQueue {
  const rulesOf = createLegRules(database, settings);
  let resubmitted = false;

  async function plan(): Promise<void> {
    if (!resubmitted) await resubmit();
    resubmitted = true;
    if (await planSegments(database, rulesOf)) onOperation();
  }

  /** A crash between keeping a proof and putting it into the outbox leaves it proven and unsubmitted. */
  async function resubmit(): Promise<void> {
    const legs = await database.selectFrom("segments").select(["journey_id", "leg"]).distinct().where("status", "=", "proven").execute();
    for (const { journey_id, leg } of legs) await submitProven(database, rulesOf, journey_id, leg);
    onOperation();
  }

  return createProofQueue({
    what: "a segment",
    concurrency: settings.concurrency,
    plan,
    waiting: (limit) =>
      database
        .selectFrom("segments")
        .selectAll()
        .where("status", "=", "proving")
        .orderBy("received_at_milliseconds")
        .orderBy("from_tick")
        .limit(limit)
        .execute(),
    keyOf: (row) => row.readings_commitment,
    async prove(row) {
      await proveSegment(database, rulesOf, prover, row);
      onOperation();
    },
    logger,
    sweepMilliseconds: settings.sweepMilliseconds,
  });
}
