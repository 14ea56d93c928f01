import { genesisCommitment } from "../../model/condition/state.ts";
import { stepNumber } from "../../model/custody/flow.ts";
import { wordBigInt, wordNumber } from "../abi-words.ts";
import type { JourneyHistory } from "../history.ts";
import { NO_LEG, legCoverage, piecesOf } from "../leg-coverage.ts";
import type { LegRecord } from "../leg-coverage.ts";
import { counted } from "./check.ts";
import { acceptanceProblems } from "./interval-acceptances.ts";
import type { Check } from "./check.ts";

const LEG_STATUSES = ["pending", "compliant", "not-compliant", "accepted"] as const;

/**
 * Every leg whose end is recorded is covered from hand-over to hand-over, by proven segments and by what a qualified
 * person accepted under an accepted exception, and the ledger agrees.
 */
export const coverageCheck: Check = {
  name: "coverage",
  async run(context) {
    const { read, addresses, history } = context;
    const { flow, legs, state, journeyId } = history;
    const problems: string[] = [];
    const accepted: string[] = [];
    let compliant = 0;
    const answers = await read(
      flow.legs.flatMap((_, number) =>
        ["legStatus(bytes32,uint8)", "coverage(bytes32,uint8)"].map((signature) => ({
          address: addresses.conditionProofs,
          signature,
          parameters: [BigInt(journeyId), number],
        })),
      ),
    );
    flow.legs.forEach((definition, number) => {
      const leg = legs.get(number) ?? NO_LEG;
      const { status, reason } = legCoverage(flow, number, leg, state.recordedSteps);
      const hasEnded = state.recordedSteps.has(stepNumber(flow, definition.to));
      if (status === "compliant") compliant += 1;
      else if (status === "accepted") accepted.push(`leg ${definition.leg} ${reason ?? ""}`);
      else if (hasEnded || status === "not-compliant") problems.push(`leg ${definition.leg} is not covered: ${reason}`);
      problems.push(...continuityProblems(history, number, leg).map((problem) => `leg ${definition.leg}: ${problem}`));
      const onLedger = LEG_STATUSES[wordNumber(answers[2 * number] ?? "0x", 0)];
      if (onLedger !== status) problems.push(`leg ${definition.leg}: the ledger says ${onLedger}, its logs say ${status}`);
      if (!isCoverageOf(leg, answers[2 * number + 1] ?? "0x"))
        problems.push(`leg ${definition.leg}: the ledger's coverage is not what its logs add up to`);
    });
    problems.push(...(await acceptanceProblems(context)));
    const detail = [`${compliant} of ${counted(flow.legs.length, "leg")} covered from hand-over to hand-over`, ...accepted];
    return { problems, detail: detail.join("; ") };
  },
};

/** Segments are numbered without a hole, start where the one before ended, and carry its state on. */
export function continuityProblems(history: JourneyHistory, legNumber: number, leg: LegRecord): string[] {
  const problems: string[] = [];
  if (legNumber >= history.flow.legs.length) problems.push("the flow has no such leg");
  const places = { SegmentProven: 0, IntervalAccepted: 0 };
  const pieces = piecesOf(leg);
  pieces.forEach((piece, place) => {
    const index = places[piece.name]++;
    const before = pieces[place - 1];
    const what = `${piece.name === "SegmentProven" ? "segment" : "accepted interval"} ${index}`;
    if (piece.number !== index) problems.push(`${what} is missing: the log has number ${piece.number} there`);
    if (before !== undefined && piece.from !== before.to) problems.push(`${what} does not start where the one before ended`);
    if (piece.name === "SegmentProven" && piece.stateBefore !== stateAfter(before))
      problems.push(`${what} does not continue the state before`);
    if (piece.to < piece.from) problems.push(`${what} ends before it starts`);
  });
  return problems;
}

/** What the next segment continues: the state a segment left, or the start everyone knows. */
export function stateAfter(piece: ReturnType<typeof piecesOf>[number] | undefined): bigint {
  return piece?.name === "SegmentProven" ? piece.stateAfter : genesisCommitment;
}

function isCoverageOf(leg: LegRecord, data: string): boolean {
  const { assignment, segments } = leg;
  const pieces = piecesOf(leg);
  if (assignment === null) return pieces.length === 0 && wordBigInt(data, 0) === 0n;
  const last = pieces.at(-1);
  return (
    wordBigInt(data, 0) === BigInt(assignment.deviceId) &&
    wordNumber(data, 1) === assignment.assignedFrom &&
    wordNumber(data, 2) === (pieces[0]?.from ?? 0) &&
    wordNumber(data, 3) === (last?.to ?? 0) &&
    wordNumber(data, 4) === segments.length &&
    wordNumber(data, 5) === leg.acceptances.length &&
    wordNumber(data, 6) === leg.acceptances.reduce((seconds, { from, to }) => seconds + to - from, 0) &&
    wordBigInt(data, 7) === stateAfter(last)
  );
}
