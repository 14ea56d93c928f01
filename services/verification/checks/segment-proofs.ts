import { segmentContext } from "../../model/condition/context.ts";
import { deviceKeyCommitment } from "../../model/condition/device-key.ts";
import { profileTerms, timeUnitSeconds } from "../../model/condition/profile.ts";
import { profileOfLeg } from "../../model/custody/flow.ts";
import { FIELD_ORDER } from "../../model/field.ts";
import { ThreadlineError } from "../../model/errors.ts";
import type { JourneyHistory } from "../history.ts";
import type { SegmentProven } from "../ledger-events.ts";
import { piecesOf } from "../leg-coverage.ts";
import type { LegRecord } from "../leg-coverage.ts";
import type { Rpc } from "../rpc.ts";
import { decodeSubmitSegments } from "../segment-calldata.ts";
import type { SubmittedSegment } from "../segment-calldata.ts";
import { verifyProof } from "../verify-proof.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";
import { stateAfter } from "./coverage.ts";

/** Every segment on the ledger has a proof in its transaction that the local key accepts for signals made anew here. */
export const segmentProofsCheck: Check = {
  name: "segment-proofs",
  async run({ rpc, history, addresses, verificationKeys }) {
    const segments = [...history.legs.values()].flatMap((leg) => leg.segments);
    const submitted = await readSubmitted(rpc, segments, addresses.conditionProofs);
    const problems: string[] = [];
    let verified = 0;
    for (const [legNumber, leg] of history.legs)
      for (const segment of leg.segments) {
        const name = segmentName(history, segment);
        const claims = submitted.get(segment.transactionHash) ?? [];
        const match = claims.find((claim) => isOf(claim, history.journeyId, segment));
        if (match === undefined) {
          problems.push(`${name}: its transaction submits no such segment`);
          continue;
        }
        const signals = publicSignals(history, addresses.conditionProofs, legNumber, leg, segment);
        if (typeof signals === "string") problems.push(`${name}: ${signals}`);
        else if (await verifyProof(verificationKeys["condition-segment"], signals, match.proof)) verified += 1;
        else problems.push(`${name}: the proof does not hold for the flow, the device and the leg`);
      }
    return { problems, detail: `${verified} of ${counted(segments.length, "proof")} verified against the local key` };
  },
};

/** The six public signals as the contract must have made them; text says why there are none. */
function publicSignals(
  history: JourneyHistory,
  contract: string,
  legNumber: number,
  leg: LegRecord,
  segment: SegmentProven,
): bigint[] | string {
  const definition = history.flow.legs[legNumber];
  if (definition === undefined) return `the flow has no leg ${legNumber}`;
  if (leg.assignment === null) return "no device is assigned to the leg";
  const device = history.registry.device(leg.assignment.deviceId);
  if (device === null) return `device ${leg.assignment.deviceId} is not enrolled`;
  const profile = profileOfLeg(history.flow, definition);
  const pieces = piecesOf(leg);
  const unit = timeUnitSeconds(profile.longestGapSeconds);
  if (segment.from % unit !== 0 || segment.to % unit !== 0) return `its times are not whole ticks of ${unit} s`;
  const signals = [
    segmentContext({ chainId: history.chainLog.chainId, contract, journeyId: history.journeyId, leg: legNumber }),
    deviceKeyCommitment(device.publicKey),
    profileTerms(profile, segment.from / unit, segment.to / unit),
    // The state before is the one the segment before left, or the start everyone knows: never the log's own word.
    stateAfter(pieces[pieces.indexOf(segment) - 1]),
    segment.stateAfter,
    segment.readingsCommitment,
  ];
  return signals.some((signal) => signal >= FIELD_ORDER) ? "a public signal is not below the field's order" : signals;
}

async function readSubmitted(
  rpc: Rpc,
  segments: readonly SegmentProven[],
  contract: string,
): Promise<Map<string, SubmittedSegment[]>> {
  const hashes = [...new Set(segments.map((segment) => segment.transactionHash))];
  const transactions = await rpc.callAll<{ to: string | null; input: string } | null>(
    "eth_getTransactionByHash",
    hashes.map((hash) => [hash]),
  );
  return new Map(
    hashes.map((hash, index) => {
      const transaction = transactions[index];
      if (transaction?.to?.toLowerCase() !== contract.toLowerCase())
        throw new ThreadlineError(
          "calldata-unknown",
          `transaction ${hash} was not sent to ${contract} directly: its proofs cannot be read`,
          { hash, to: transaction?.to ?? null },
        );
      return [hash, decodeSubmitSegments(transaction.input)] as const;
    }),
  );
}

function isOf(claim: SubmittedSegment, journeyId: string, segment: SegmentProven): boolean {
  return (
    claim.journeyId === journeyId &&
    claim.leg === segment.leg &&
    claim.from === segment.from &&
    claim.to === segment.to &&
    claim.stateAfter === segment.stateAfter &&
    claim.readingsCommitment === segment.readingsCommitment
  );
}

function segmentName(history: JourneyHistory, segment: SegmentProven): string {
  return `leg ${history.flow.legs[segment.leg]?.leg ?? segment.leg} segment ${segment.number}`;
}
