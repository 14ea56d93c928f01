import { firstHead, nextHead } from "../custody/commitments.ts";
import type { ChainLink } from "../custody/commitments.ts";

/** What a journey's head stands for: its opening and every custody event in order, as the ledger recorded them. */
export interface JourneyRecord {
  journeyId: string;
  /** Number of the flow on the ledger. */
  flow: number;
  /** 0x and 64 hex digits. */
  identityCommitment: string;
  events: ChainLink[];
}

/** The head that this record and no other has. */
export function headOf({ journeyId, flow, identityCommitment, events }: JourneyRecord): string {
  return events.reduce(nextHead, firstHead(journeyId, flow, identityCommitment));
}
