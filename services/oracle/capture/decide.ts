import { stepNumber } from "../../model/custody/index.ts";
import { identifiesMaterial } from "../../model/quality/genealogy.ts";
import { captureError } from "./capture-error.ts";
import type { CaptureError } from "./capture-error.ts";
import type { KnownFacts, KnownJourney } from "./known-facts.ts";
import type { PreparedEvent } from "./prepare.ts";

/** Number of a step that is not in the journey's flow: the ledger records it and flags it. */
export const UNPLANNED_STEP = 255;

export type Decision =
  | {
      kind: "new";
      event: PreparedEvent;
      eventId: string;
      journeyId: string | null;
      step: number | null;
      foreignEpcs: string[];
      /** Chain of Identity the event names although its EPCs are this journey's; null when there is no such conflict. */
      foreignIdentity: string | null;
    }
  | { kind: "known"; eventId: string }
  | { kind: "refused"; error: CaptureError };

/**
 * What one event is: new, known already (nothing happens twice), or refused. New facts are added to `facts`.
 * Identifiers of the event become the journey's, but one that is another journey's never does: it is a mix-up.
 */
export function decide(facts: KnownFacts, event: PreparedEvent, participantId: string): Decision {
  const decision = event.isErrorDeclaration ? decideCorrection(facts, event, participantId) : decideEvent(facts, event);
  if (decision.kind !== "new") return decision;
  const { journeyId } = decision;
  facts.addEvent({
    eventId: decision.eventId,
    hash: event.hash,
    isErrorDeclaration: event.isErrorDeclaration,
    journeyId,
    capturedBy: participantId,
  });
  if (journeyId !== null)
    for (const epc of event.epcs)
      if (isAdopted(decision, epc)) facts.addEpc(epc, journeyId);
  return decision;
}

/** Whether an EPC becomes the journey's. Of an event that names another Chain of Identity none does. */
export function isAdopted(decision: Extract<Decision, { kind: "new" }>, epc: string): boolean {
  return identifiesMaterial(epc) && decision.foreignIdentity === null && !decision.foreignEpcs.includes(epc);
}

function decideEvent(facts: KnownFacts, event: PreparedEvent): Decision {
  const journey = journeyOf(facts, event);
  const same = facts.eventByHash(event.hash, false);
  // One captured before its journey was opened becomes the journey's when it is sent again.
  const finds = same?.isStored === true && same.journeyId === null && journey !== null && !("error" in journey);
  if (same !== undefined && !finds) return { kind: "known", eventId: same.eventId };
  if (same === undefined && facts.eventById(event.eventId) !== undefined) {
    const detail = `eventID ${event.eventId} is captured with other content; nothing is edited: declare an error, or use a new eventID`;
    return { kind: "refused", error: captureError(event.index, detail, "ResourceAlreadyExistsException", 409) };
  }
  if (journey !== null && "error" in journey) return refuse(event, journey.error);
  if (journey === null)
    return { kind: "new", event, eventId: event.eventId, journeyId: null, step: null, foreignEpcs: [], foreignIdentity: null };
  const place = event.step === null ? -1 : stepNumber(journey.flow, event.step);
  return {
    kind: "new",
    event,
    eventId: event.eventId,
    journeyId: journey.journeyId,
    step: place < 0 ? UNPLANNED_STEP : place,
    foreignEpcs: event.epcs.filter((epc) => isForeign(facts, epc, journey.journeyId)),
    foreignIdentity: event.chainOfIdentity !== null && facts.journeyOfIdentity(event.chainOfIdentity) === undefined ? event.chainOfIdentity : null,
  };
}

/** An error declaration repeats the event it corrects (EPCIS 2.0, errorDeclaration); the ledger gets it unplanned. */
function decideCorrection(facts: KnownFacts, event: PreparedEvent, participantId: string): Decision {
  const declared = facts.eventByHash(event.hash, true);
  if (declared !== undefined) return { kind: "known", eventId: declared.eventId };
  const original = facts.eventByHash(event.hash, false);
  if (original === undefined) {
    const changed = facts.eventById(event.eventId) !== undefined;
    return refuse(
      event,
      changed
        ? `the error declaration of ${event.eventId} does not repeat that event unchanged`
        : `no event like the one declared erroneous is captured (eventID ${event.eventId})`,
    );
  }
  const ownHashId = `ni:///sha-256;${event.hash.slice(2)}?ver=CBV2.0`;
  if (event.eventId !== original.eventId && event.eventId !== ownHashId)
    return refuse(event, `the event declared erroneous has eventID ${original.eventId}, not ${event.eventId}`);
  if (original.capturedBy !== participantId) {
    const detail = `only who captured ${original.eventId} may declare it erroneous`;
    return { kind: "refused", error: captureError(event.index, detail, "SecurityException", 403) };
  }
  const { eventId, journeyId } = original;
  const step = journeyId === null ? null : UNPLANNED_STEP;
  return { kind: "new", event, eventId, journeyId, step, foreignEpcs: [], foreignIdentity: null };
}

/** By its Chain of Identity; by its EPCs when it names none, or one that no journey has: that is a mix-up to be recorded. */
function journeyOf(facts: KnownFacts, event: PreparedEvent): KnownJourney | null | { error: string } {
  const named = event.chainOfIdentity === null ? undefined : facts.journeyOfIdentity(event.chainOfIdentity);
  if (named !== undefined) return named.isErased === true ? erasedJourney : named;
  const candidates = new Set(event.epcs.flatMap((epc) => facts.journeysOfEpc(epc)));
  if (candidates.size > 1)
    return { error: "its EPCs belong to several journeys; say which with the threadline:chainOfIdentity of an open journey" };
  const [journeyId] = candidates;
  const found = journeyId === undefined ? undefined : facts.journey(journeyId);
  return found?.isErased === true ? erasedJourney : (found ?? null);
}

const erasedJourney = { error: "its journey was erased on the subject's request and takes no new events; open another journey" };

function isForeign(facts: KnownFacts, epc: string, journeyId: string): boolean {
  const journeys = facts.journeysOfEpc(epc);
  return identifiesMaterial(epc) && journeys.length > 0 && !journeys.includes(journeyId);
}

function refuse(event: PreparedEvent, detail: string): Decision {
  return { kind: "refused", error: captureError(event.index, detail) };
}
