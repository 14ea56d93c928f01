import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import { ThreadlineError } from "../../model/errors.ts";
import type { Database } from "../../store/schema.ts";
import { captureBatch } from "./capture-batch.ts";
import type { Submission, SubmissionOutcome } from "./capture-batch.ts";

/** Most events that share one database transaction. */
const BATCH_EVENTS = 500;

/** How long the first of a batch waits for others. */
const GATHER_MILLISECONDS = 2;

/** Events that may wait; more are refused, so that a flood cannot fill the memory. */
const WAITING_EVENTS = 20_000;

export interface CaptureQueue {
  /** Captures a submission; resolves once it is durable. Throws `capture-queue-full` when too much waits. */
  submit(submission: Submission): Promise<SubmissionOutcome>;
  /** Finishes what waits. */
  close(): Promise<void>;
}

interface Waiting {
  submission: Submission;
  resolve: (outcome: SubmissionOutcome) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: submissions that arrive together share a database transaction, so that many small posts cost few
 * commits. One batch runs at a time, in order of arrival.
 */
export function createCaptureQueue(
  database: Kysely<Database>,
  onCaptured: (outcome: SubmissionOutcome) => void,
): CaptureQueue {
  const waiting: Waiting[] = [];
  let waitingEvents = 0;
  let running: Promise<void> | null = null;
  let closed = false;

  async function run(): Promise<void> {
    await sleep(GATHER_MILLISECONDS);
    while (waiting.length > 0) await commit(nextBatch());
    running = null;
  }

  function nextBatch(): Waiting[] {
    let events = 0;
    let count = 0;
    for (const { submission } of waiting) {
      events += submission.events.length;
      if (count > 0 && events > BATCH_EVENTS) break;
      count += 1;
    }
    const batch = waiting.splice(0, count);
    waitingEvents -= batch.reduce((sum, { submission }) => sum + submission.events.length, 0);
    return batch;
  }

  async function commit(batch: Waiting[]): Promise<void> {
    try {
      const outcomes = await captureAll(batch.map(({ submission }) => submission));
      outcomes.forEach((outcome, index) => {
        batch[index]?.resolve(outcome);
        onCaptured(outcome);
      });
    } catch (error) {
      // One submission must not spoil its neighbours: each is tried again alone, and fails alone.
      const [only] = batch;
      if (batch.length === 1) only?.reject(error);
      else for (const entry of batch) await commit([entry]);
    }
  }

  /** A second try on another process's insert of the same event: by then it is a known event. */
  async function captureAll(submissions: Submission[]): Promise<SubmissionOutcome[]> {
    const attempt = () => database.transaction().execute((transaction) => captureBatch(transaction, submissions));
    try {
      return await attempt();
    } catch (error) {
      if (isUniqueViolation(error)) return attempt();
      throw error;
    }
  }

  return {
    submit(submission) {
      if (closed)
        return Promise.reject(new ThreadlineError("capture-closed", "the server is closing; send the events again"));
      if (waitingEvents + submission.events.length > WAITING_EVENTS)
        return Promise.reject(
          new ThreadlineError(
            "capture-queue-full",
            `${waitingEvents} events wait to be stored; send again in a few seconds`,
            { waitingEvents },
          ),
        );
      return new Promise((resolve, reject) => {
        waiting.push({ submission, resolve, reject });
        waitingEvents += submission.events.length;
        running ??= run();
      });
    },
    async close() {
      closed = true;
      while (running !== null) await running;
    },
  };
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}
