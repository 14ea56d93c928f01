import { getBytes } from "ethers";
import { eventCommitment } from "../model/custody/commitments.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { Divergence } from "./audit-report.ts";
import { recomputeEvent } from "./disclosed-event.ts";
import type { RecomputedEvent } from "./disclosed-event.ts";
import type { DisclosedEvent } from "./disclosure.ts";
import type { HistoryEvent, JourneyHistory } from "./history.ts";
import { isoTime } from "./registry-state.ts";

export interface MatchedEvents {
  /** Sequence → the disclosed event that belongs there. */
  bySequence: Map<number, RecomputedEvent>;
  divergences: Divergence[];
}

/**
 * Puts each disclosed event beside the custody event it opens. By its recomputed commitment when that is on the
 * ledger; else by the commitment it is disclosed under, and then what keeps it from opening it is named.
 */
export function matchEvents(history: JourneyHistory, disclosed: readonly DisclosedEvent[]): MatchedEvents {
  const byCommitment = new Map(history.events.map((event) => [event.log.commitment, event]));
  const recomputed = disclosed.map(recomputeEvent);
  const bySequence = new Map<number, RecomputedEvent>();
  const divergences: Divergence[] = [];
  for (const candidate of recomputed) {
    const opened = candidate.content === null ? undefined : byCommitment.get(candidate.content.commitment);
    const onLedger = opened ?? byCommitment.get(candidate.claimedCommitment);
    if (onLedger === undefined) {
      divergences.push({
        kind: "event-not-on-ledger",
        what: `disclosed event ${candidate.disclosed.eventId}`,
        expected: "a commitment of the journey",
        actual: candidate.content?.commitment ?? candidate.claimedCommitment,
      });
      continue;
    }
    const { sequence } = onLedger.log;
    if (bySequence.has(sequence))
      divergences.push({ kind: "event-disclosed-twice", sequence, what: "disclosed event", expected: "one", actual: candidate.disclosed.eventId });
    else bySequence.set(sequence, candidate);
    if (opened === undefined) divergences.push(openingDivergence(onLedger, candidate, recomputed));
    divergences.push(...claimDivergences(onLedger, candidate), ...contentDivergences(history.flow, onLedger, candidate));
  }
  for (const { log } of history.events)
    if (!bySequence.has(log.sequence))
      divergences.push({ kind: "event-missing", sequence: log.sequence, what: "disclosed event", expected: log.commitment, actual: "none" });
  return { bySequence, divergences };
}

/** Why body and salt do not open the commitment on the ledger. */
function openingDivergence(onLedger: HistoryEvent, candidate: RecomputedEvent, all: readonly RecomputedEvent[]): Divergence {
  const { sequence, commitment } = onLedger.log;
  const { content, claimedHash, salt } = candidate;
  if (content === null)
    return { kind: "event-unreadable", sequence, what: "body of the event", expected: "an EPCIS event", actual: candidate.unreadable ?? "" };
  const opensWith = (hash: string, otherSalt: string) => eventCommitment(getBytes(hash), getBytes(otherSalt)) === commitment;
  if (opensWith(claimedHash, salt))
    return { kind: "event-altered", sequence, what: "event hash of the body", expected: claimedHash, actual: content.hash };
  const owner = all.find((other) => other !== candidate && opensWith(content.hash, other.salt));
  if (owner !== undefined || content.hash === claimedHash)
    return {
      kind: "salt-wrong",
      sequence,
      what: owner === undefined ? "salt of the event" : `salt of the event, disclosed with ${owner.disclosed.eventId} instead`,
      expected: owner?.salt ?? "the salt of the commitment",
      actual: salt,
    };
  return { kind: "event-altered", sequence, what: "commitment of body and salt", expected: commitment, actual: content.commitment };
}

/** What an event is disclosed as must be what it is. */
function claimDivergences({ log, participant }: HistoryEvent, candidate: RecomputedEvent): Divergence[] {
  const { disclosed, content, claimedCommitment, claimedHash } = candidate;
  const { sequence, commitment } = log;
  const divergences: Divergence[] = [];
  const differs = (kind: Divergence["kind"], what: string, expected: string, actual: string) => {
    if (expected !== actual) divergences.push({ kind, sequence, what, expected, actual });
  };
  differs("identifier-differs", "commitment it is disclosed under", commitment, claimedCommitment);
  if (participant !== null) differs("participant-differs", "participant who captured it", participant.participantId, disclosed.capturedBy);
  if (content === null) return divergences;
  if (content.commitment === commitment) differs("identifier-differs", "event hash it is disclosed under", content.hash, claimedHash);
  const hashId = `ni:///sha-256;${content.hash.slice(2)}?ver=CBV2.0`;
  const { eventID } = content.event as { eventID?: unknown };
  // An eventID is no part of a CBV 2.0 event hash: it is held to what the event is disclosed as.
  if (typeof eventID === "string") differs("identifier-differs", "eventID of the body", disclosed.eventId, eventID);
  if (disclosed.eventId.startsWith("ni:") || eventID === undefined)
    differs("identifier-differs", "event identifier it is disclosed under", hashId, disclosed.eventId);
  return divergences;
}

/** The body against what the ledger says of the event in clear. */
function contentDivergences(flow: FlowDefinition, { log }: HistoryEvent, { content }: RecomputedEvent): Divergence[] {
  if (content === null) return [];
  const { sequence } = log;
  const divergences: Divergence[] = [];
  if (content.eventTime !== log.occurredAt)
    divergences.push({
      kind: "time-differs",
      sequence,
      what: "time the event occurred",
      expected: isoTime(log.occurredAt),
      actual: isoTime(content.eventTime),
    });
  const step = flow.steps[log.step]?.step;
  const declared = content.step;
  const isSameStep = step === undefined ? !flow.steps.some((known) => known.step === declared) : declared === step;
  if (!isSameStep)
    divergences.push({
      kind: "step-differs",
      sequence,
      what: "step of the flow",
      expected: step ?? "no step of the flow",
      actual: declared ?? "none declared",
    });
  return divergences;
}
