import { closeSync, existsSync, fdatasync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, write, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ThreadlineError } from "../model/errors.ts";
import { applyRecord, emptyState, recordsOf } from "./message-store.ts";
import type { MessageStore, StoreRecord, StoredState } from "./message-store.ts";

const writeBytes = promisify(write);
const synchronise = promisify(fdatasync);

/**
 * An append-only file of JSON lines. Records written together reach the disk with one synchronisation; a torn last line,
 * all a crash can leave, was acknowledged to nobody and is dropped. The file is written anew, shorter, at each start.
 * Throws `device-store-damaged` for a line that is no record, `device-store-other-key` for a store of another key epoch.
 */
export function createFileStore(directory: string, keyEpoch: number): MessageStore {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "messages.jsonl");
  const state = readState(path, keyEpoch);
  const file = rewrite(path, recordsOf(state));
  let waiting: { records: readonly StoreRecord[]; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let writing: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await writeAll(file, Buffer.from(lines(batch.flatMap((entry) => entry.records))));
        await synchronise(file);
        for (const entry of batch) {
          entry.records.forEach((record) => applyRecord(state, record));
          entry.resolve();
        }
      } catch (error) {
        batch.forEach((entry) => entry.reject(error));
      }
    }
    writing = null;
  }

  return {
    state,
    append(records) {
      return new Promise((resolve, reject) => {
        waiting.push({ records, resolve, reject });
        writing ??= drain();
      });
    },
    async close() {
      await writing;
      closeSync(file);
    },
  };
}

async function writeAll(file: number, bytes: Buffer): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) offset += (await writeBytes(file, bytes, offset)).bytesWritten;
}

function lines(records: readonly StoreRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

function readState(path: string, keyEpoch: number): StoredState {
  const state = emptyState(keyEpoch);
  if (!existsSync(path)) return state;
  const text = readFileSync(path, "utf8");
  const complete = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").slice(0, -1);
  complete.forEach((line, index) => {
    try {
      const record = JSON.parse(line) as StoreRecord;
      if (index === 0 && record.type === "head") checkKeyEpoch(record.keyEpoch, keyEpoch, path);
      applyRecord(state, record);
    } catch (error) {
      if (error instanceof ThreadlineError) throw error;
      throw new ThreadlineError("device-store-damaged", `line ${index + 1} of ${path} is no record; restore the file or enrol a new key epoch`, { path, line: index + 1 }, { cause: error });
    }
  });
  return state;
}

function checkKeyEpoch(stored: number, keyEpoch: number, path: string): void {
  if (stored !== keyEpoch)
    throw new ThreadlineError("device-store-other-key", `${path} belongs to key epoch ${stored}, not ${keyEpoch}; give each key epoch its own directory`, { stored, keyEpoch });
}

/** Replaces the file as a whole: a crash leaves the old one or the new one. */
function rewrite(path: string, records: readonly StoreRecord[]): number {
  const next = `${path}.next`;
  const file = openSync(next, "w", 0o600);
  try {
    writeSync(file, lines(records));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
  return openSync(path, "a", 0o600);
}
