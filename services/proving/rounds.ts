export interface Rounds {
  /** There may be work: a round begins, or follows the one under way. */
  notify(): void;
  isClosed(): boolean;
  /** Resolves when the round under way has ended; no other follows. */
  close(): Promise<void>;
}

const SWEEP_MILLISECONDS = 1_000;

/** Runs one round of work at a time: when it is told to, and on a sweep for work that nobody announced. */
export function createRounds(work: () => Promise<void>, onError: (error: unknown) => void, sweepMilliseconds = SWEEP_MILLISECONDS): Rounds {
  let round: Promise<void> | undefined;
  let again = false;
  let closed = false;

  function notify(): void {
    again = true;
    if (closed || round !== undefined) return;
    round = run().finally(() => {
      round = undefined;
      if (again && !closed) notify();
    });
  }

  async function run(): Promise<void> {
    again = false;
    try {
      await work();
    } catch (error) {
      if (!closed) onError(error);
    }
  }

  const sweep = setInterval(notify, sweepMilliseconds);
  sweep.unref();

  return {
    notify,
    isClosed: () => closed,
    async close() {
      closed = true;
      clearInterval(sweep);
      await round;
    },
  };
}
