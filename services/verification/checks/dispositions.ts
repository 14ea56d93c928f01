import { TypedDataEncoder, getBytes } from "ethers";
import {
  DISPOSITION_DECISION_TYPES,
  EXCEPTIONAL_RELEASE_STEP_TYPES,
  RECALL_ACKNOWLEDGEMENT_TYPES,
} from "../../model/custody/disposition-typed-data.ts";
import {
  DISPOSITION_DECISIONS,
  EXCEPTIONAL_RELEASE_STAGES,
  EXCEPTIONAL_RELEASE_STEPS,
  authorityNotificationDueAt,
  dispositionCheck,
  nextDispositionNumber,
} from "../../model/custody/disposition.ts";
import type { DispositionRefusal } from "../../model/custody/disposition.ts";
import { catalogueEntry } from "../../model/custody/exceptions.ts";
import { isFreshSignature } from "../../model/custody/signing-time.ts";
import { threadlineDomain } from "../../model/custody/typed-data.ts";
import { wordNumber } from "../abi-words.ts";
import type { HistoryDisposition } from "../disposition-history.ts";
import type { JourneyHistory } from "../history.ts";
import { isoTime } from "../registry-state.ts";
import { recoverBytesSignature } from "../signature-bytes.ts";
import { counted } from "./check.ts";
import type { Check, CheckContext } from "./check.ts";

const WORDS: Record<DispositionRefusal, string> = {
  "not-authorised": "the signer has no duty that may do this",
  "illegal-transition": "it does not follow the decision before",
  "out-of-order": "the out-of-specification way did not stand there",
  "not-requester": "another participant than the one who asked signed it",
  "not-provided-for": "the flow provides for no exceptional release",
};

/** Words of `IDispositionRegister.Disposition`. */
const DISPOSITION_WORDS = { decision: 0, stage: 1, entries: 3, recallsJudged: 4 } as const;

/**
 * What became of the batch was decided as the rules have it and signed by whom they ask; nothing holds it now, and the
 * authority was notified of an exceptional release in time.
 */
export const dispositionsCheck: Check = {
  name: "dispositions",
  async run(context) {
    const { history } = context;
    const { disposition, flow } = history;
    const problems = disposition.entries.flatMap((entry) =>
      entryProblems(history, entry).map((problem) => `${nameOf(entry)}: ${problem}`),
    );
    problems.push(...recallProblems(history), ...(await notificationProblems(context)), ...(await registerProblems(context)));
    const { state } = disposition;
    if (dispositionCheck(state, { waivedByExceptionalRelease: false }) === "not-compliant")
      problems.push(
        state.recalls === state.recallsJudged
          ? `the batch is ${state.decision}: every gate is held`
          : `recall ${state.recalls - 1} stands: no qualified person has decided since`,
      );
    for (const release of history.releases)
      if (["not-compliant", "pending"].includes(dispositionCheck(release.disposition, flow.gates[release.log.gate] ?? { waivedByExceptionalRelease: false }) ?? ""))
        problems.push(`gate ${flow.gates[release.log.gate]?.gate ?? release.log.gate} was released although the disposition held it`);
    const stage = state.stage === "none" ? "" : `, exceptional release ${state.stage}`;
    const said = state.decision === "none" && stage === "" ? "nothing decided on the batch" : `the batch is ${state.decision}${stage}`;
    return { problems, detail: `${said}; ${disposition.entries.length} by signature, ${counted(disposition.recalls.length, "recall")}` };
  },
};

function nameOf({ log }: HistoryDisposition): string {
  if (log.name === "DispositionDecided") return `decision ${log.number}, ${DISPOSITION_DECISIONS[log.decision] ?? log.decision}`;
  return `step ${log.number}, ${EXCEPTIONAL_RELEASE_STEPS[log.step] ?? log.step}`;
}

function entryProblems(history: JourneyHistory, { log, before, outcome, participant, head }: HistoryDisposition): string[] {
  const { journeyId } = history;
  const problems: string[] = [];
  const { number, signedAt } = log;
  const digest =
    log.name === "DispositionDecided"
      ? digestOf(history, DISPOSITION_DECISION_TYPES, { journeyId, number, decision: log.decision, head: log.head, reasonHash: log.reasonHash, signedAt })
      : digestOf(history, EXCEPTIONAL_RELEASE_STEP_TYPES, { journeyId, number, step: log.step, documentHash: log.documentHash, signedAt });
  if (recoverBytesSignature(history.recovery, digest, log.signature) !== log.signer) problems.push("the signature is not the signer's");
  if (participant === null || participant.index !== log.participant)
    problems.push(`${log.signer} was no active account of participant ${log.participant}`);
  if ("refusal" in outcome) problems.push(WORDS[outcome.refusal]);
  if (number !== nextDispositionNumber(before)) problems.push(`its number should be ${nextDispositionNumber(before)}`);
  if (log.name === "DispositionDecided" && log.head !== head && DISPOSITION_DECISIONS[log.decision] !== "on-hold")
    problems.push("the signed head is not the journey's head at that time");
  if (/^0x0*$/.test(log.name === "DispositionDecided" ? log.reasonHash : log.documentHash)) problems.push("no reason is given");
  if (!isFreshSignature(signedAt, log.recordedAt)) problems.push("it was not signed within a day before its record");
  return problems;
}

/** Every exception whose code recalls raised one, and no other did; acknowledgements are their participants' own. */
function recallProblems(history: JourneyHistory): string[] {
  const { disposition, exceptions, journeyId } = history;
  const recalling = exceptions.filter(({ log }) => catalogueEntry(log.code).recalls).map(({ log }) => log.number);
  const raised = disposition.recalls.map(({ exceptionNumber }) => exceptionNumber);
  const problems: string[] = [];
  for (const number of recalling) if (!raised.includes(number)) problems.push(`exception ${number} recalls, but no recall was raised`);
  for (const number of raised) if (!recalling.includes(number)) problems.push(`a recall was raised by exception ${number}, whose code does not recall`);
  for (const { log, participant } of disposition.acknowledgements) {
    const { recalls, signedAt } = log;
    const digest = digestOf(history, RECALL_ACKNOWLEDGEMENT_TYPES, { journeyId, recalls, signedAt });
    const isOwn = recoverBytesSignature(history.recovery, digest, log.signature) === log.signer && participant?.index === log.participant;
    if (!isOwn) problems.push(`the acknowledgement of recall ${recalls - 1} by participant ${log.participant} is not signed by them`);
  }
  return problems;
}

/** Late, or not at all: judged by the newest block's time. An exception beside it does not mend it. */
async function notificationProblems({ rpc, history }: CheckContext): Promise<string[]> {
  const { state } = history.disposition;
  const dueAt = authorityNotificationDueAt(state, history.flow.authorityNotificationSeconds);
  if (dueAt === null) return [];
  if (state.authorityNotifiedAt !== null)
    return state.authorityNotifiedAt <= dueAt
      ? []
      : [`the authority was notified at ${isoTime(state.authorityNotifiedAt)}, it was due at ${isoTime(dueAt)}`];
  const block = await rpc.call<{ timestamp: string }>("eth_getBlockByNumber", [`0x${history.chainLog.headBlock.toString(16)}`, false]);
  const now = Number.parseInt(block.timestamp, 16);
  return now <= dueAt ? [] : [`the authority was not notified of the exceptional release; it was due at ${isoTime(dueAt)}`];
}

/** The register's own word is what its logs add up to. */
async function registerProblems({ read, addresses, history }: CheckContext): Promise<string[]> {
  const parameters = [BigInt(history.journeyId)];
  const [stored = "0x", recalls = "0x"] = await read([
    { address: addresses.dispositionRegister, signature: "disposition(bytes32)", parameters },
    { address: addresses.exceptionRegister, signature: "recallCount(bytes32)", parameters },
  ]);
  const { state } = history.disposition;
  const isSame =
    DISPOSITION_DECISIONS[wordNumber(stored, DISPOSITION_WORDS.decision)] === state.decision &&
    EXCEPTIONAL_RELEASE_STAGES[wordNumber(stored, DISPOSITION_WORDS.stage)] === state.stage &&
    wordNumber(stored, DISPOSITION_WORDS.entries) === state.entries &&
    wordNumber(stored, DISPOSITION_WORDS.recallsJudged) === state.recallsJudged &&
    wordNumber(recalls, 0) === state.recalls;
  return isSame ? [] : ["the ledger's disposition is not what its logs add up to"];
}

function digestOf(history: JourneyHistory, types: typeof DISPOSITION_DECISION_TYPES, value: Record<string, unknown>): Uint8Array {
  const domain = threadlineDomain(history.chainLog.chainId, history.addresses.dispositionRegister);
  return getBytes(TypedDataEncoder.hash(domain, types, value));
}
