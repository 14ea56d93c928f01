import { genesisCommitment } from "../../model/condition/state.ts";
import { stepNumber } from "../../model/custody/flow.ts";
import { wordBigInt, wordNumber } from "../abi-words.ts";
import type { JourneyHistory } from "../history.ts";
import { legCoverage } from "../leg-coverage.ts";
import type { LegRecord } from "../leg-coverage.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";

const LEG_STATUSES = ["pending", "compliant", "not-compliant"] as const;
const NO_LEG: LegRecord = { assignment: null, segments: [] };

/** Every leg whose end is recorded is covered by proven segments from hand-over to hand-over, and the ledger agrees. */
export const coverageCheck: Check = {
  name: "coverage",
  async run({ read, addresses, history }) {
    const { flow, legs, state, journeyId } = history;
    const problems: string[] = [];
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
      else if (hasEnded || status === "not-compliant") problems.push(`leg ${definition.leg} is not covered: ${reason}`);
      problems.push(...continuityProblems(history, number, leg).map((problem) => `leg ${definition.leg}: ${problem}`));
      const onLedger = LEG_STATUSES[wordNumber(answers[2 * number] ?? "0x", 0)];
      if (onLedger !== status) problems.push(`leg ${definition.leg}: the ledger says ${onLedger}, its logs say ${status}`);
      if (!isCoverageOf(leg, answers[2 * number + 1] ?? "0x"))
        problems.push(`leg ${definition.leg}: the ledger's coverage is not what its logs add up to`);
    });
    return { problems, detail: `${compliant} of ${counted(flow.legs.length, "leg")} covered from hand-over to hand-over` };
  },
};

/** Segments are numbered without a hole, start where the one before ended, and carry its state on. */
export function continuityProblems(history: JourneyHistory, legNumber: number, leg: LegRecord): string[] {
  const problems: string[] = [];
  if (legNumber >= history.flow.legs.length) problems.push("the flow has no such leg");
  leg.segments.forEach((segment, index) => {
    const before = leg.segments[index - 1];
    if (segment.number !== index) problems.push(`segment ${index} is missing: the log has number ${segment.number} there`);
    if (before !== undefined && segment.from !== before.to) problems.push(`segment ${index} does not start where the one before ended`);
    if (segment.stateBefore !== (before?.stateAfter ?? genesisCommitment))
      problems.push(`segment ${index} does not continue the state before`);
    if (segment.to < segment.from) problems.push(`segment ${index} ends before it starts`);
  });
  return problems;
}

function isCoverageOf(leg: LegRecord, data: string): boolean {
  const { assignment, segments } = leg;
  if (assignment === null) return segments.length === 0 && wordBigInt(data, 0) === 0n;
  const last = segments.at(-1);
  return (
    wordBigInt(data, 0) === BigInt(assignment.deviceId) &&
    wordNumber(data, 1) === assignment.assignedFrom &&
    wordNumber(data, 2) === (segments[0]?.from ?? 0) &&
    wordNumber(data, 3) === (last?.to ?? 0) &&
    wordNumber(data, 4) === segments.length &&
    wordBigInt(data, 5) === (last?.stateAfter ?? genesisCommitment)
  );
}
