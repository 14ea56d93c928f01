import { TypedDataEncoder, getBytes } from "ethers";
import { EXCEPTION_STAGES, transitionRefusal } from "../../model/custody/exception-lifecycle.ts";
import type { TransitionRefusal } from "../../model/custody/exception-lifecycle.ts";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { isFreshSignature } from "../../model/custody/signing-time.ts";
import { EXCEPTION_TRANSITION_TYPES, threadlineDomain } from "../../model/custody/typed-data.ts";
import type { HistoryException, HistoryTransition, JourneyHistory } from "../history.ts";
import { recoverBytesSignature } from "../signature-bytes.ts";
import type { CheckContext } from "./check.ts";

const WORDS: Record<TransitionRefusal, string> = {
  "illegal-transition": "one stage does not follow the other",
  "not-authorised": "the signer has no duty that may do this",
  "same-person": "who proposed also decided",
};

/** What is wrong with an exception's transitions: each was signed, by whom it had to be, and follows the one before. */
export function transitionProblems(
  history: JourneyHistory,
  exception: HistoryException,
  blockTimes: ReadonlyMap<number, number>,
): string[] {
  const used = new Set<string>();
  return exception.transitions.flatMap((transition) => {
    const { log } = transition;
    const name = `${EXCEPTION_STAGES[log.from] ?? log.from} to ${EXCEPTION_STAGES[log.to] ?? log.to}`;
    const digest = digestOf(history, transition);
    const problems = oneTransition(history, transition, digest, blockTimes.get(log.blockNumber));
    if (used.has(digest)) problems.push("its signature had served before");
    used.add(digest);
    return problems.map((problem) => `${name}: ${problem}`);
  });
}

/** Unix seconds of the blocks that hold a transition. */
export async function transitionBlockTimes({ rpc, history }: CheckContext): Promise<Map<number, number>> {
  const blocks = [...new Set(history.exceptions.flatMap(({ transitions }) => transitions.map(({ log }) => log.blockNumber)))];
  const answers = await rpc.callAll<{ timestamp: string } | null>(
    "eth_getBlockByNumber",
    blocks.map((block) => [`0x${block.toString(16)}`, false]),
  );
  return new Map(blocks.map((block, index) => [block, Number.parseInt(answers[index]?.timestamp ?? "", 16)]));
}

function digestOf({ journeyId, chainLog, addresses }: JourneyHistory, { log }: HistoryTransition): string {
  const { number, from, to, reasonHash, signedAt } = log;
  const domain = threadlineDomain(chainLog.chainId, addresses.exceptionRegister);
  return TypedDataEncoder.hash(domain, EXCEPTION_TRANSITION_TYPES, { journeyId, number, from, to, reasonHash, signedAt });
}

function oneTransition(
  history: JourneyHistory,
  { log, before, participant }: HistoryTransition,
  digest: string,
  recordedAt: number | undefined,
): string[] {
  const problems: string[] = [];
  const to = EXCEPTION_STAGES[log.to];
  if (EXCEPTION_STAGES[log.from] !== before.stage) problems.push(`the exception was ${before.stage}`);
  if (to === undefined) return [...problems, `there is no stage ${log.to}`];
  if (recoverBytesSignature(history.recovery, getBytes(digest), log.signature) !== log.signer)
    problems.push("the signature is not the signer's");
  if (participant === null || participant.index !== log.participant)
    problems.push(`${log.signer} was no active account of participant ${log.participant}`);
  const roles = bitmapToRoles(participant?.roles ?? 0);
  const refusal = transitionRefusal(before, { to, signer: log.signer, roles });
  if (refusal !== null) problems.push(WORDS[refusal]);
  if (/^0x0*$/.test(log.reasonHash)) problems.push("no reason is given");
  if (recordedAt === undefined || !isFreshSignature(log.signedAt, recordedAt))
    problems.push("it was not signed within a day before its record");
  return problems;
}
