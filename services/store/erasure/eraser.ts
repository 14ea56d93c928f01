import type { Transaction } from "kysely";
import type { Database } from "../schema.ts";

/** Whose data is to be erased. */
export interface ErasureSubject {
  journeyId: string;
  /** Null when it was erased before. */
  chainOfIdentity: string | null;
  /** Whether the law holds the link to the patient back: what makes that link must then stay. */
  isTraceabilityKept: boolean;
}

/** What one eraser did, for the answer and for the record. */
export interface ErasedPart {
  what: string;
  count: number;
  /** The law holds it back: it is not destroyed, only out of everyone's sight but who may trace. */
  isKept?: boolean;
}

/**
 * Destroys what one part of the node holds of a subject. Each part that keeps such data registers its own with
 * `createOracle` (`erasers`); all run in the one database transaction of the erasure, so that it is whole or nothing.
 * An eraser is asked again after the retention has ended, then with `isTraceabilityKept` false.
 */
export interface SubjectEraser {
  name: string;
  erase(transaction: Transaction<Database>, subject: ErasureSubject): Promise<ErasedPart[]>;
}
