import { assignmentSchema } from "./messages.ts";
import type { Assignment } from "./messages.ts";
import type { Reading } from "../model/condition/index.ts";

/** A signed message that has no receipt yet. */
export interface PendingMessage {
  sequence: number;
  kind: "readings" | "segment";
  /** JWS compact serialisation, the same bytes at every resend. */
  body: string;
}

/** Readings a restarted device begins its next segment with. */
export interface OpenReadings {
  readings: Reading[];
  /** True when the first is the last one of the segment before, which the next one continues. */
  firstIsSealed: boolean;
}

/** One fact in a device's store. */
export type StoreRecord =
  | { type: "head"; keyEpoch: number; nextSequence: number }
  | { type: "assignment"; assignment: Assignment | null }
  | { type: "reading"; reading: Reading }
  | { type: "open"; open: OpenReadings }
  /** `open`: only with a segment. */
  | ({ type: "message"; open?: OpenReadings } & PendingMessage)
  | { type: "receipt"; sequence: number };

/** What a device must know to go on where it stopped. */
export interface StoredState {
  keyEpoch: number;
  nextSequence: number;
  assignment: Assignment | null;
  open: OpenReadings;
  pending: Map<number, PendingMessage>;
}

export interface MessageStore {
  readonly state: StoredState;
  /** Resolves once the records are durable and `state` shows them, in the order of the calls. */
  append(records: readonly StoreRecord[]): Promise<void>;
  close(): Promise<void>;
}

export function emptyState(keyEpoch: number): StoredState {
  return { keyEpoch, nextSequence: 1, assignment: null, open: noOpenReadings(), pending: new Map() };
}

function noOpenReadings(): OpenReadings {
  return { readings: [], firstIsSealed: false };
}

/** Applies one record; the store on disk is the list of them. */
export function applyRecord(state: StoredState, record: StoreRecord): void {
  switch (record.type) {
    case "head":
      if (record.keyEpoch === state.keyEpoch) state.nextSequence = Math.max(state.nextSequence, record.nextSequence);
      return;
    case "assignment":
      state.assignment = record.assignment === null ? null : assignmentSchema.parse(record.assignment);
      state.open = noOpenReadings();
      return;
    case "reading":
      state.open.readings.push(record.reading);
      return;
    case "open":
      state.open = record.open;
      return;
    case "message":
      state.pending.set(record.sequence, { sequence: record.sequence, kind: record.kind, body: record.body });
      state.nextSequence = Math.max(state.nextSequence, record.sequence + 1);
      if (record.open !== undefined) state.open = { ...record.open, readings: [...record.open.readings] };
      return;
    case "receipt":
      state.pending.delete(record.sequence);
  }
}

/** The fewest records that make this state. */
export function recordsOf(state: StoredState): StoreRecord[] {
  return [
    { type: "head", keyEpoch: state.keyEpoch, nextSequence: state.nextSequence },
    ...(state.assignment === null ? [] : [{ type: "assignment" as const, assignment: state.assignment }]),
    { type: "open", open: state.open },
    ...[...state.pending.values()].map((message) => ({ type: "message" as const, ...message })),
  ];
}

/** Keeps messages for as long as the process lives. */
export function createMemoryStore(keyEpoch: number): MessageStore {
  const state = emptyState(keyEpoch);
  return {
    state,
    append: (records) => {
      records.forEach((record) => applyRecord(state, record));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
