import { proofContext } from "../proof-context.ts";
import type { ProofPlace } from "../proof-context.ts";

/** `contract` is the address of ConditionProofs. */
export interface SegmentContextParts extends ProofPlace {
  leg: number;
}

/** What binds a segment to one chain, contract, journey and leg, see `proofContext`. */
export function segmentContext(parts: SegmentContextParts): bigint {
  return proofContext(parts, parts.leg);
}
