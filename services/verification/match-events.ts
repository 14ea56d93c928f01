import { getBytes } from "ethers";
import { eventCommitment } from "../model/privacy/event-commitment.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import { participantIdOf } from "../model/custody/identifiers.ts";
import type { Divergence } from "./audit-report.ts";
import { recomputeEvent } from "./disclosed-event.ts";
import type { EventContent, RecomputedEvent } from "./disclosed-event.ts";
import { isPartlyShown } from "./disclosure.ts";
import type { DisclosedEvent, WholeEvent } from "./disclosure.ts";
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
        what: `disclosed event ${nameOf(candidate.disclosed)}`,
        expected: "a commitment of the journey",
        actual: candidate.content?.commitment ?? candidate.claimedCommitment,
      });
      continue;
    }
    const { sequence } = onLedger.log;
    if (bySequence.has(sequence))
      divergences.push({
        kind: "event-disclosed-twice",
        sequence,
        what: "disclosed event",
        expected: "one",
        actual: nameOf(candidate.disclosed),
      });
    else bySequence.set(sequence, candidate);
    if (opened === undefined) divergences.push(openingDivergence(onLedger, candidate, recomputed));
    divergences.push(
      ...claimDivergences(onLedger, candidate, recomputed),
      ...contentDivergences(history.flow, onLedger, candidate),
    );
  }
  for (const { log } of history.events)
    if (!bySequence.has(log.sequence))
      divergences.push({
        kind: "event-missing",
        sequence: log.sequence,
        what: "disclosed event",
        expected: log.commitment,
        actual: "none",
      });
  return { bySequence, divergences };
}

function nameOf(event: DisclosedEvent): string {
  return isPartlyShown(event) ? `under ${event.commitment}` : event.eventId;
}

/** Why body and salt do not open the commitment on the ledger. */
function openingDivergence(onLedger: HistoryEvent, candidate: RecomputedEvent, all: readonly RecomputedEvent[]): Divergence {
  const { sequence, commitment } = onLedger.log;
  const { content, whole } = candidate;
  if (whole === null)
    return { kind: "event-altered", sequence, what: "fields shown of the event", expected: commitment, actual: candidate.unreadable ?? "" };
  if (content === null || content.hash === null)
    return {
      kind: "event-unreadable",
      sequence,
      what: "body of the event",
      expected: "an EPCIS event",
      actual: candidate.unreadable ?? "",
    };
  const { hash } = content;
  const { claimedHash, salt } = whole;
  const opensWith = (otherSalt: string) => eventCommitment(getBytes(hash), whole.disclosed, getBytes(otherSalt)) === commitment;
  if (hash !== claimedHash) return { kind: "event-altered", sequence, what: "event hash of the body", expected: claimedHash, actual: hash };
  const owner = all.find((other) => other !== candidate && other.whole !== null && opensWith(other.whole.salt))?.whole;
  if (owner !== undefined && owner !== null)
    return { kind: "salt-wrong", sequence, what: `salt of the event, disclosed with ${owner.disclosed.eventId} instead`, expected: owner.salt, actual: salt };
  // Text the event hash leaves out and salt cannot be told apart once either is changed.
  return { kind: "event-altered", sequence, what: "text or salt of the event", expected: commitment, actual: content.commitment };
}

/** What an event is disclosed as must be what it is. */
function claimDivergences(
  { log, participant }: HistoryEvent,
  candidate: RecomputedEvent,
  all: readonly RecomputedEvent[],
): Divergence[] {
  const { disclosed, content, claimedCommitment, whole } = candidate;
  const { sequence, commitment } = log;
  const divergences: Divergence[] = [];
  const differs = (kind: Divergence["kind"], what: string, expected: string, actual: string) => {
    if (expected !== actual) divergences.push({ kind, sequence, what, expected, actual });
  };
  differs("identifier-differs", "commitment it is disclosed under", commitment, claimedCommitment);
  if (typeof disclosed.sequence === "number")
    differs("identifier-differs", "number it is disclosed under", String(sequence), String(disclosed.sequence));
  if (participant !== null) {
    const { capturedBy, capturedByGln } = disclosed;
    differs("participant-differs", "participant who captured it", participant.participantId, capturedBy);
    if (typeof capturedByGln === "string")
      differs("participant-differs", "participant of the GLN", participant.participantId, participantIdOf(capturedByGln));
  }
  if (content === null || content.hash === null || whole === null) return divergences;
  if (content.commitment === commitment) differs("identifier-differs", "event hash it is disclosed under", content.hash, whole.claimedHash);
  divergences.push(...identifierDivergences(sequence, content, content.hash, whole.disclosed, all));
  return divergences;
}

/** An eventID is no part of a CBV 2.0 event hash: it is held to what the event is disclosed as, and to the hash. */
function identifierDivergences(
  sequence: number,
  content: EventContent,
  hash: string,
  disclosed: WholeEvent,
  all: readonly RecomputedEvent[],
): Divergence[] {
  const hashId = `ni:///sha-256;${hash.slice(2)}?ver=CBV2.0`;
  const own = content.event.eventID ?? hashId;
  // An error declaration goes by the identifier of the event it repeats.
  const repeated = all
    .filter((other) => other.content?.hash === hash && other.disclosed !== disclosed)
    .flatMap((other) => (other.whole === null ? [] : [other.whole.disclosed.eventId]));
  const allowed = content.isErrorDeclaration ? [own, hashId, ...repeated] : [own];
  const divergences: Divergence[] = [];
  const differs = (what: string, expected: string, actual: string) =>
    divergences.push({ kind: "identifier-differs", sequence, what, expected, actual });
  if (!allowed.includes(disclosed.eventId)) differs("identifier it is disclosed under", own, disclosed.eventId);
  if (own.startsWith("ni:") && own !== hashId) differs("event hash identifier of the body", hashId, own);
  if (content.isErrorDeclaration && own !== hashId && own !== disclosed.eventId)
    differs("eventID of the error declaration", disclosed.eventId, own);
  return divergences;
}

/** The body against what the ledger says of the event in clear. */
function contentDivergences(
  flow: FlowDefinition,
  { log }: HistoryEvent,
  { content, disclosed }: RecomputedEvent,
): Divergence[] {
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
  // An error declaration repeats the step of the event it corrects and is itself no step of the flow.
  const isUnplanned = content.isErrorDeclaration || !flow.steps.some((known) => known.step === declared);
  const isWithheld = !content.showsStep && !content.isErrorDeclaration;
  const isSameStep = isWithheld || (step === undefined ? isUnplanned : declared === step && !content.isErrorDeclaration);
  if (!isSameStep)
    divergences.push({
      kind: "step-differs",
      sequence,
      what: "step of the flow",
      expected: step ?? "no step of the flow",
      actual: content.isErrorDeclaration ? "an error declaration" : (declared ?? "none declared"),
    });
  const { isErrorDeclaration } = disclosed;
  if (isErrorDeclaration !== undefined && isErrorDeclaration !== content.isErrorDeclaration)
    divergences.push({
      kind: "event-altered",
      sequence,
      what: "whether it is an error declaration",
      expected: String(isErrorDeclaration),
      actual: String(content.isErrorDeclaration),
    });
  return divergences;
}
