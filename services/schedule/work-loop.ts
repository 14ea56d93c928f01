import { ThreadlineError } from "../model/errors.ts";
import { createFailureRecord } from "./failure-record.ts";
import type { Failure, FailureLogger } from "./failure-record.ts";

/** What a step found. Idle: no more work; waiting: work is under way elsewhere; worked: there may be more. */
export type StepOutcome = "idle" | "waiting" | "worked";

export interface WorkLoop {
  start(): void;
  /** There may be work: the next step comes at once, or right after the one under way. */
  notify(): void;
  /** Steps until one is idle. Rejects with `closed` when the loop was closed, or when step after step fails. */
  untilIdle(): Promise<void>;
  /** Why it does not get on, once several steps in a row failed; null while it does. */
  failure(): Failure | null;
  isClosed(): boolean;
  /** Resolves when the step under way has ended; no other follows. */
  close(): Promise<void>;
}

export interface WorkLoopOptions {
  /** What works here, as the log and the health report call it: "the indexer". */
  name: string;
  step: () => Promise<StepOutcome>;
  /** How often it looks for work that nobody announced, from one idle step's beginning to the next one's. */
  everyMilliseconds: number;
  logger: FailureLogger;
  /** Begins with a pause instead of a step. */
  restsFirst?: boolean;
  /** Told of every failed step, after it was counted. */
  onError?: (error: unknown) => void;
}

const SHORTEST_WAIT_MILLISECONDS = 4;
const LONGEST_WAIT_MILLISECONDS = 200;
const AFTER_ERROR_MILLISECONDS = 250;
const LONGEST_AFTER_ERROR_MILLISECONDS = 2_000;
const MOST_FAILURES = 40;

/**
 * Runs one step at a time, for ever: at once while there is work, soon while something is awaited, ever later while steps
 * fail, else at fixed times that the steps' own length does not push back.
 */
export function createWorkLoop({ name, step, everyMilliseconds, logger, restsFirst = false, onError }: WorkLoopOptions): WorkLoop {
  const failures = createFailureRecord(name, logger);
  let closed = false;
  let started = false;
  let notified = false;
  let waits = 0;
  let due = performance.now() + (restsFirst ? everyMilliseconds : 0);
  let running: Promise<unknown> = Promise.resolve();
  let ending: Promise<void> = Promise.resolve();
  let wake: (() => void) | null = null;

  /** Steps never overlap, whoever asks for them. */
  function exclusively(): Promise<StepOutcome> {
    const next = running.then(async () => {
      if (closed) throw new ThreadlineError("closed", "this part was closed; make a new one");
      const outcome = await step();
      failures.succeeded();
      return outcome;
    });
    running = next.catch(() => undefined);
    return next;
  }

  function fail(error: unknown): void {
    failures.failed(error);
    onError?.(error);
  }

  function pause(milliseconds: number): Promise<void> {
    if (closed || notified) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(finish, milliseconds).unref();
      function finish() {
        clearTimeout(timer);
        wake = null;
        resolve();
      }
      wake = finish;
    });
  }

  /** To the next of the fixed times; those that passed meanwhile are left out. */
  function untilDue(): number {
    const now = performance.now();
    due += everyMilliseconds * Math.max(0, Math.ceil((now - due) / everyMilliseconds));
    return due - now;
  }

  function soon(): Promise<unknown> {
    waits += 1;
    const milliseconds = Math.min(LONGEST_WAIT_MILLISECONDS, SHORTEST_WAIT_MILLISECONDS * 1.15 ** waits);
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  async function stepAndPause(): Promise<void> {
    notified = false;
    try {
      const outcome = await exclusively();
      if (outcome === "waiting") await soon();
      else waits = 0;
      if (outcome === "idle") await pause(untilDue());
    } catch (error) {
      if (closed) return;
      fail(error);
      await pause(Math.min(LONGEST_AFTER_ERROR_MILLISECONDS, AFTER_ERROR_MILLISECONDS * 2 ** (failures.inARow() - 1)));
    }
  }

  return {
    start() {
      if (started) return;
      started = true;
      ending = (async () => {
        if (restsFirst) await pause(untilDue());
        while (!closed) await stepAndPause();
      })();
    },
    notify() {
      notified = true;
      wake?.();
    },
    async untilIdle() {
      for (let attempts = 0; ; ) {
        try {
          const outcome = await exclusively();
          if (outcome === "idle") return;
          if (outcome === "waiting") await soon();
          else waits = 0;
          attempts = 0;
        } catch (error) {
          attempts += 1;
          if (closed || attempts >= MOST_FAILURES) throw error;
          fail(error);
          await new Promise((resolve) => setTimeout(resolve, AFTER_ERROR_MILLISECONDS));
        }
      }
    },
    failure: failures.failure,
    isClosed: () => closed,
    async close() {
      closed = true;
      wake?.();
      await ending;
      await running;
    },
  };
}
