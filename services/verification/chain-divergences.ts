import { continuityProblems } from "./checks/coverage.ts";
import { compareRules } from "./checks/custody-rules.ts";
import { releaseProblems } from "./checks/releases.ts";
import type { Divergence } from "./audit-report.ts";
import { documentHashOf } from "./flow-document.ts";
import type { HistoryEvent, JourneyHistory } from "./history.ts";

/** What the chain's logs alone show to be wrong: hash chain, signatures, rules, coverage, releases. */
export function chainDivergences(history: JourneyHistory): Divergence[] {
  const divergences: Divergence[] = [];
  const { flow, flowDocument, flowDocumentHash } = history;
  const documentHash = documentHashOf(flowDocument);
  if (documentHash !== flowDocumentHash)
    divergences.push({
      kind: "flow-altered",
      what: "the flow's document",
      expected: flowDocumentHash,
      actual: documentHash,
    });
  if (history.opened.head !== history.firstHead)
    divergences.push({
      kind: "chain-broken",
      what: "the first head",
      expected: history.firstHead,
      actual: history.opened.head,
    });
  for (const event of history.events) divergences.push(...eventDivergences(event));
  for (const { sequence, code, what } of compareRules(history))
    divergences.push({
      kind: `rule-exception-${what}`,
      sequence,
      what: `exception ${code} of the flow's rules`,
      expected: what === "extra" ? "none" : code,
      actual: what === "missing" ? "none" : code,
    });
  for (const [number, leg] of history.legs)
    for (const problem of continuityProblems(history, number, leg))
      divergences.push({
        kind: "coverage-broken",
        what: `leg ${flow.legs[number]?.leg ?? number}`,
        expected: "segments without a hole",
        actual: problem,
      });
  for (const release of history.releases)
    for (const problem of releaseProblems(history, release))
      divergences.push({
        kind: "release-invalid",
        what: `release of gate ${flow.gates[release.log.gate]?.gate ?? release.log.gate}`,
        expected: "a justified, signed release",
        actual: problem,
      });
  return divergences;
}

/** The ledger's own present head and count against the logs: logs left out show here. */
export function headDivergences(history: JourneyHistory, ledgerHead: string, ledgerEventCount: number): Divergence[] {
  const divergences: Divergence[] = [];
  if (ledgerHead !== history.head)
    divergences.push({ kind: "chain-broken", what: "the last head", expected: ledgerHead, actual: history.head });
  if (ledgerEventCount !== history.events.length)
    divergences.push({
      kind: "chain-broken",
      what: "the number of events",
      expected: String(ledgerEventCount),
      actual: String(history.events.length),
    });
  return divergences;
}

function eventDivergences({ log, signer, participant, sequenceExpected, headExpected }: HistoryEvent): Divergence[] {
  const divergences: Divergence[] = [];
  const { sequence } = log;
  if (sequence !== sequenceExpected)
    divergences.push({
      kind: "chain-broken",
      sequence,
      what: "sequence",
      expected: String(sequenceExpected),
      actual: String(sequence),
    });
  if (signer === null || participant === null || participant.index !== log.participant)
    divergences.push({
      kind: "signature-invalid",
      sequence,
      what: "signature of the event",
      expected: `an active account of participant ${log.participant}`,
      actual: signer ?? "no account",
    });
  if (log.head !== headExpected)
    divergences.push({
      kind: "chain-broken",
      sequence,
      what: "head after the event",
      expected: headExpected === "" ? "a head over a recoverable signer" : headExpected,
      actual: log.head,
    });
  return divergences;
}
