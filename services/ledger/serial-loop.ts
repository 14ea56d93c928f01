import { ThreadlineError } from "../model/errors.ts";

export interface SerialLoop {
  start(): void;
  /** Ends the pause before the next step. */
  notify(): void;
  /** Steps until one says "idle". Rejects with `closed` when the loop was closed, or when step after step fails. */
  untilIdle(): Promise<void>;
  /** Resolves when the step under way has ended; no other follows. */
  close(): Promise<void>;
}

interface LoopOptions {
  /** "idle": nothing to do; "waiting": something is under way elsewhere; "worked": there may be more. */
  step: () => Promise<"idle" | "waiting" | "worked">;
  pollMilliseconds: number;
  onError: (error: unknown) => void;
}

const SHORTEST_WAIT_MILLISECONDS = 4;
const LONGEST_WAIT_MILLISECONDS = 200;
const AFTER_ERROR_MILLISECONDS = 250;
const MOST_FAILURES = 40;

/** Runs one step at a time, for ever: at once while there is work, soon while something is awaited, else on a poll. */
export function createSerialLoop({ step, pollMilliseconds, onError }: LoopOptions): SerialLoop {
  let closed = false;
  let started = false;
  let notified = false;
  let waits = 0;
  let running: Promise<unknown> = Promise.resolve();
  let ending: Promise<void> = Promise.resolve();
  let wake: (() => void) | null = null;

  /** Steps never overlap, whoever asks for them. */
  function exclusively(): ReturnType<typeof step> {
    const next = running.then(() => {
      if (closed) throw new ThreadlineError("closed", "this part was closed; make a new one");
      return step();
    });
    running = next.catch(() => undefined);
    return next;
  }

  function pause(milliseconds: number): Promise<void> {
    if (closed || notified) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(finish, milliseconds);
      function finish() {
        clearTimeout(timer);
        wake = null;
        resolve();
      }
      wake = finish;
    });
  }

  function waitMilliseconds(): number {
    waits += 1;
    return Math.min(LONGEST_WAIT_MILLISECONDS, SHORTEST_WAIT_MILLISECONDS * 1.15 ** waits);
  }

  async function stepAndPause(): Promise<void> {
    notified = false;
    try {
      const outcome = await exclusively();
      if (outcome === "waiting") await new Promise((resolve) => setTimeout(resolve, waitMilliseconds()));
      else waits = 0;
      if (outcome === "idle") await pause(pollMilliseconds);
    } catch (error) {
      if (closed) return;
      onError(error);
      await pause(AFTER_ERROR_MILLISECONDS);
    }
  }

  return {
    start() {
      if (started) return;
      started = true;
      ending = (async () => {
        while (!closed) await stepAndPause();
      })();
    },
    notify() {
      notified = true;
      wake?.();
    },
    async untilIdle() {
      for (let failures = 0; ; ) {
        try {
          const outcome = await exclusively();
          if (outcome === "idle") return;
          if (outcome === "waiting") await new Promise((resolve) => setTimeout(resolve, waitMilliseconds()));
          else waits = 0;
          failures = 0;
        } catch (error) {
          failures += 1;
          if (closed || failures >= MOST_FAILURES) throw error;
          onError(error);
          await new Promise((resolve) => setTimeout(resolve, AFTER_ERROR_MILLISECONDS));
        }
      }
    },
    async close() {
      closed = true;
      wake?.();
      await ending;
      await running;
    },
  };
}
