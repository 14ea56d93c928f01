import { AbiCoder, keccak256 } from "ethers";
import { custodyExceptionKey } from "../../model/custody/commitments.ts";
import { classOf } from "../../model/custody/exceptions.ts";
import type { ExceptionCode } from "../../model/custody/exceptions.ts";
import { codeToBytes32 } from "../../model/custody/identifiers.ts";
import type { HistoryEvent, HistoryException, JourneyHistory } from "../history.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";

export interface RulesDifference {
  sequence: number;
  code: string;
  what: "missing" | "extra" | "altered";
}

/**
 * Where the exceptions the ledger raised differ from what the rules find in the same facts. The ledger raises in the
 * transaction that records, so an extra one can only stand there.
 */
export function compareRules(history: JourneyHistory): RulesDifference[] {
  const { journeyId } = history;
  const expectedKeys = ruleExceptionKeys(history);
  const differences: RulesDifference[] = [];
  for (const event of history.events)
    for (const code of event.exceptionsExpected) {
      const { sequence } = event.log;
      // A key is its raiser's own: another raiser may have used the same one, beside the ledger's rules.
      const raised = history.exceptions.filter(({ log }) => log.exceptionKey === keyOf(journeyId, sequence, code));
      const asRaised = raised.filter((exception) => isAsRaised(exception, event, code));
      if (raised.length === 0) differences.push({ sequence, code, what: "missing" });
      else if (asRaised.length === 0) differences.push({ sequence, code, what: "altered" });
      else if (raised.length > 1) differences.push({ sequence, code, what: "extra" });
    }
  for (const { log } of history.exceptions) {
    if (expectedKeys.has(log.exceptionKey)) continue;
    const event = history.events.find(
      (candidate) =>
        candidate.log.transactionHash === log.transactionHash &&
        keyOf(journeyId, candidate.log.sequence, log.code) === log.exceptionKey,
    );
    if (event !== undefined) differences.push({ sequence: event.log.sequence, code: log.code, what: "extra" });
  }
  return differences;
}

/** Keys of the exceptions that the rules find and the ledger must have raised itself. */
export function ruleExceptionKeys({ journeyId, events }: JourneyHistory): Set<string> {
  return new Set(
    events.flatMap((event) => event.exceptionsExpected.map((code) => keyOf(journeyId, event.log.sequence, code))),
  );
}

/** A code that is no text stays the bytes32 it is on the ledger. */
function keyOf(journeyId: string, sequence: number, code: string): string {
  return custodyExceptionKey(journeyId, sequence, code.startsWith("0x") ? code : codeToBytes32(code));
}

function isAsRaised(raised: HistoryException, event: HistoryEvent, code: ExceptionCode): boolean {
  return (
    raised.log.code === code &&
    raised.class === classOf(code) &&
    raised.log.leg === 0 &&
    raised.log.occurredAt === event.log.occurredAt &&
    raised.log.detailCommitment === ruleDetailCommitment(event, code)
  );
}

/** The ledger's own exceptions disclose nothing: their detail is the event's commitment and the code. */
function ruleDetailCommitment(event: HistoryEvent, code: string): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [event.log.commitment, codeToBytes32(code)]),
  );
}

/** The flow's rules, applied anew to every fact, find exactly the exceptions on the ledger. */
export const custodyRulesCheck: Check = {
  name: "custody-rules",
  async run({ history }) {
    const words = {
      missing: "should have been raised and was not",
      extra: "was raised and should not have been",
      altered: "was raised with other facts",
    };
    const problems = compareRules(history).map(({ sequence, code, what }) => `${code} for event ${sequence} ${words[what]}`);
    const expected = history.events.reduce((count, event) => count + event.exceptionsExpected.length, 0);
    return { problems, detail: `the rules find ${counted(expected, "exception")}, as raised` };
  },
};
