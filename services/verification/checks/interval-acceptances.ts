import { timeUnitSeconds } from "../../model/condition/profile.ts";
import { INTERVAL_ACCEPTANCE_TYPES } from "../../model/custody/disposition-typed-data.ts";
import { profileOfLeg, stepNumber } from "../../model/custody/flow.ts";
import type { HistoryAcceptance } from "../disposition-history.ts";
import type { JourneyHistory } from "../history.ts";
import type { CheckContext } from "./check.ts";
import { blockTimes, signedAcceptanceProblems } from "./signed-acceptance.ts";

/** What is wrong with intervals accepted without proof: each was signed, under an accepted exception that occurred in it. */
export async function acceptanceProblems({ rpc, history }: CheckContext): Promise<string[]> {
  const { acceptances } = history.disposition;
  const timeOf = await blockTimes(rpc, acceptances.map(({ log }) => log.blockNumber));
  return acceptances.flatMap((acceptance) => {
    const { leg, number, blockNumber } = acceptance.log;
    const name = `leg ${history.flow.legs[leg]?.leg ?? leg}: accepted interval ${number}`;
    return problemsOf(history, acceptance, timeOf(blockNumber)).map((problem) => `${name}: ${problem}`);
  });
}

function problemsOf(history: JourneyHistory, { log, participant, recordedSteps, exception }: HistoryAcceptance, recordedAt: number): string[] {
  const { leg, from, to, exceptionNumber, signedAt } = log;
  const definition = history.flow.legs[leg];
  if (definition === undefined) return ["the flow has no such leg"];
  const value = { journeyId: history.journeyId, leg, from, to, exceptionNumber, signedAt };
  const contract = history.addresses.conditionProofs;
  const problems = signedAcceptanceProblems(history, { log, participant, exception, contract, types: INTERVAL_ACCEPTANCE_TYPES, value, recordedAt });
  if (to <= from) problems.push("it ends before it starts");
  const unit = timeUnitSeconds(profileOfLeg(history.flow, definition).longestGapSeconds);
  const end = recordedSteps.get(stepNumber(history.flow, definition.to)) ?? recordedAt;
  if (to >= Math.min(end, recordedAt) + unit) problems.push("it goes past the leg's end");
  if (exception !== null && (exception.occurredAt < from || exception.occurredAt >= to + unit))
    problems.push(`exception ${exceptionNumber} did not occur in it`);
  return problems;
}
