import type { Logger } from "pino";
import { ThreadlineError } from "../model/errors.ts";
import { createBackoff } from "../schedule/backoff.ts";
import type { FailingThing } from "../schedule/backoff.ts";
import type { Failure } from "../schedule/failure-record.ts";
import { createWorkLoop } from "../schedule/work-loop.ts";

export interface ProofQueue {
  /** Work may be waiting. */
  notify(): void;
  /** Why the queue itself does not get on; null while it does. */
  failure(): Failure | null;
  /** Work whose last attempt failed: it is tried again, ever later, and holds up no other. */
  failing(): FailingThing[];
  isClosed(): boolean;
  /** Resolves when what is under way has ended. */
  close(): Promise<void>;
}

interface ProofQueueOptions<Row> {
  /** What is proven here, as the log says it: "an identity check". */
  what: string;
  /** Proofs made at a time. */
  concurrency: number;
  /** Done before each look at what waits. */
  plan?: () => Promise<void>;
  /** What waits for a proof, the oldest first, at most so many. */
  waiting: (limit: number) => Promise<Row[]>;
  keyOf: (row: Row) => string;
  prove: (row: Row) => Promise<void>;
  logger: Logger;
  sweepMilliseconds?: number | undefined;
}

const SWEEP_MILLISECONDS = 1_000;
const REST = { firstMilliseconds: 1_000, longestMilliseconds: 60_000 };
/** While no process can prove, nothing is wrong with the work itself. */
const WITHOUT_PROVER_MILLISECONDS = 2_000;

/** Proves what waits, the oldest first, some at a time. One that fails rests, ever longer, and the next takes its place. */
export function createProofQueue<Row>(options: ProofQueueOptions<Row>): ProofQueue {
  const { what, concurrency, keyOf, logger } = options;
  const inFlight = new Map<string, Promise<void>>();
  const backoff = createBackoff(REST);
  let pausedUntil = 0;
  const loop = createWorkLoop({
    name: `the queue of ${what}`,
    everyMilliseconds: options.sweepMilliseconds ?? SWEEP_MILLISECONDS,
    logger,
    async step() {
      await options.plan?.();
      const free = concurrency - inFlight.size;
      if (free <= 0 || Date.now() < pausedUntil) return "idle";
      const waiting = await options.waiting(concurrency + inFlight.size + backoff.resting());
      const next = waiting.filter((row) => !inFlight.has(keyOf(row)) && !backoff.isResting(keyOf(row)));
      for (const row of next.slice(0, free)) inFlight.set(keyOf(row), work(row));
      return "idle";
    },
  });

  async function work(row: Row): Promise<void> {
    const key = keyOf(row);
    try {
      await options.prove(row);
      backoff.succeeded(key);
    } catch (error) {
      if (!loop.isClosed()) fail(key, error);
    } finally {
      inFlight.delete(key);
      loop.notify();
    }
  }

  function fail(key: string, error: unknown): void {
    if (error instanceof ThreadlineError && error.code === "prover-unavailable") {
      pausedUntil = Date.now() + WITHOUT_PROVER_MILLISECONDS;
      return;
    }
    const restMilliseconds = backoff.failed(key, error);
    logger.warn({ key, err: error, restMilliseconds }, `${what} was not proven; others go on, this one is tried again`);
  }

  loop.start();
  return {
    notify: loop.notify,
    failure: loop.failure,
    failing: backoff.failing,
    isClosed: loop.isClosed,
    async close() {
      await loop.close();
      await Promise.allSettled(inFlight.values());
    },
  };
}
