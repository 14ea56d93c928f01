import { TypedDataEncoder, getBytes } from "ethers";
import { timeUnitSeconds } from "../../model/condition/profile.ts";
import { INTERVAL_ACCEPTANCE_TYPES } from "../../model/custody/disposition-typed-data.ts";
import { profileOfLeg, stepNumber } from "../../model/custody/flow.ts";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { isFreshSignature } from "../../model/custody/signing-time.ts";
import { threadlineDomain } from "../../model/custody/typed-data.ts";
import type { HistoryAcceptance } from "../disposition-history.ts";
import type { JourneyHistory } from "../history.ts";
import { recoverBytesSignature } from "../signature-bytes.ts";
import type { CheckContext } from "./check.ts";

/** What is wrong with intervals accepted without proof: each was signed, under an accepted exception that occurred in it. */
export async function acceptanceProblems({ rpc, history }: CheckContext): Promise<string[]> {
  const { acceptances } = history.disposition;
  const blocks = [...new Set(acceptances.map(({ log }) => log.blockNumber))];
  const answers = await rpc.callAll<{ timestamp: string } | null>(
    "eth_getBlockByNumber",
    blocks.map((block) => [`0x${block.toString(16)}`, false]),
  );
  const times = new Map(blocks.map((block, index) => [block, Number.parseInt(answers[index]?.timestamp ?? "", 16)]));
  return acceptances.flatMap((acceptance) => {
    const { leg, number, blockNumber } = acceptance.log;
    const name = `leg ${history.flow.legs[leg]?.leg ?? leg}: accepted interval ${number}`;
    return problemsOf(history, acceptance, times.get(blockNumber) ?? Number.NaN).map((problem) => `${name}: ${problem}`);
  });
}

function problemsOf(history: JourneyHistory, { log, participant, recordedSteps, exception }: HistoryAcceptance, recordedAt: number): string[] {
  const { leg, from, to, exceptionNumber, signedAt } = log;
  const definition = history.flow.legs[leg];
  if (definition === undefined) return ["the flow has no such leg"];
  const problems: string[] = [];
  const domain = threadlineDomain(history.chainLog.chainId, history.addresses.conditionProofs);
  const value = { journeyId: history.journeyId, leg, from, to, exceptionNumber, signedAt };
  const digest = getBytes(TypedDataEncoder.hash(domain, INTERVAL_ACCEPTANCE_TYPES, value));
  if (recoverBytesSignature(history.recovery, digest, log.signature) !== log.signer) problems.push("the signature is not the signer's");
  if (participant === null || participant.index !== log.participant)
    problems.push(`${log.signer} was no active account of participant ${log.participant}`);
  else if (!bitmapToRoles(participant.roles).includes("qualified-person")) problems.push("the signer is no qualified person");
  if (!isFreshSignature(signedAt, recordedAt)) problems.push("it was not signed within a day before its record");
  if (to <= from) problems.push("it ends before it starts");
  const unit = timeUnitSeconds(profileOfLeg(history.flow, definition).longestGapSeconds);
  const end = recordedSteps.get(stepNumber(history.flow, definition.to)) ?? recordedAt;
  if (to >= Math.min(end, recordedAt) + unit) problems.push("it goes past the leg's end");
  if (exception === null) problems.push(`there is no exception ${exceptionNumber}`);
  else if (exception.leg !== leg + 1) problems.push(`exception ${exceptionNumber} is not one of this leg`);
  else if (!exception.isAccepted) problems.push(`exception ${exceptionNumber} was not accepted with a justification`);
  else if (exception.occurredAt < from || exception.occurredAt >= to + unit)
    problems.push(`exception ${exceptionNumber} did not occur in it`);
  return problems;
}
