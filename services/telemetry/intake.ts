import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../device/index.ts";
import type { IncomingMessage } from "./message-verification.ts";

export interface IntakeConfig {
  /** Messages written in one database transaction. */
  largestBatch: number;
  /** A batch waits this long for company. */
  collectMilliseconds: number;
  /** Messages waiting at once before the broker is held back. */
  room: number;
}

export interface Intake {
  /** Resolves once the message, accepted or refused, is durable; never when the intake is closed before. */
  push(message: IncomingMessage): Promise<void>;
  /** Resolves when there is room for one more. */
  hasRoom(): Promise<void>;
  /** Runs `work` between batches. */
  between<T>(work: () => Promise<T>): Promise<T>;
  /** Finishes the batch under way; what is not yet stored stays unacknowledged. */
  close(): Promise<void>;
}

export interface IntakeStore {
  /** Makes a batch durable, all of it or nothing. */
  store(batch: readonly IncomingMessage[]): Promise<void>;
  /** Makes a message durable as one that cannot be stored as what it is. */
  refuse(message: IncomingMessage, detail: string): Promise<void>;
}

/** A single message that failed this often, while others succeed, is refused. */
const MOST_ATTEMPTS = 3;
const SHORTEST_RETRY_MILLISECONDS = 100;
const LONGEST_RETRY_MILLISECONDS = 5_000;

/**
 * Group commit: messages that arrive together become durable together. A batch that cannot be written is tried one by
 * one and again, for as long as it takes; nothing is acknowledged meanwhile.
 */
export function createIntake(config: IntakeConfig, parts: IntakeStore, logger: Logger): Intake {
  const waiting: { message: IncomingMessage; done: () => void }[] = [];
  const forRoom: (() => void)[] = [];
  const closing = new AbortController();
  let lane: Promise<unknown> = Promise.resolve();
  let draining = false;

  function between<T>(work: () => Promise<T>): Promise<T> {
    const result = lane.then(work);
    lane = result.catch(() => undefined);
    return result;
  }

  /** Stores a batch, one by one if need be; false when the intake was closed before. */
  async function storeUntilDone(batch: readonly IncomingMessage[]): Promise<boolean> {
    let pause = SHORTEST_RETRY_MILLISECONDS;
    for (let attempt = 1; !closing.signal.aborted; attempt += 1) {
      try {
        await parts.store(batch);
        return true;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.error({ messages: batch.length, attempt, error: reason }, "messages could not be stored; trying again");
        const [first, ...others] = batch;
        if (others.length > 0) {
          for (const message of batch) if (!(await storeUntilDone([message]))) return false;
          return true;
        }
        if (first !== undefined && attempt >= MOST_ATTEMPTS && (await isRefused(first, reason))) return true;
        await sleep(pause, undefined, { signal: closing.signal }).catch(() => undefined);
        pause = Math.min(pause * 2, LONGEST_RETRY_MILLISECONDS);
      }
    }
    return false;
  }

  /** False while the database takes nothing at all. */
  async function isRefused(message: IncomingMessage, reason: string): Promise<boolean> {
    return parts.refuse(message, reason).then(
      () => true,
      () => false,
    );
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0 && !closing.signal.aborted) {
      if (waiting.length < config.largestBatch) await sleep(config.collectMilliseconds);
      await between(async () => {
        if (closing.signal.aborted) return;
        const batch = waiting.slice(0, config.largestBatch);
        if (!(await storeUntilDone(batch.map(({ message }) => message)))) return;
        waiting.splice(0, batch.length);
        batch.forEach(({ done }) => done());
        while (waiting.length < config.room && forRoom.length > 0) forRoom.shift()?.();
      });
    }
    draining = false;
  }

  return {
    between,
    push: (message) =>
      new Promise((done) => {
        waiting.push({ message, done });
        if (draining || closing.signal.aborted) return;
        draining = true;
        void drain();
      }),
    hasRoom: () => (waiting.length < config.room ? Promise.resolve() : new Promise((resume) => forRoom.push(resume))),
    async close() {
      closing.abort();
      forRoom.splice(0);
      await lane;
    },
  };
}
