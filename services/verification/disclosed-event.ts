import { getBytes, hexlify } from "ethers";
import { eventCommitment } from "../model/privacy/event-commitment.ts";
import { eventHashBytes, eventTarget, eventTimeSeconds, parseEpcisEvent } from "../model/epcis/index.ts";
import type { EpcisEvent, JsonLdContext } from "../model/epcis/index.ts";
import { isPartlyShown, normalHash } from "./disclosure.ts";
import type { DisclosedEvent, PartlyShownEvent, WholeEvent } from "./disclosure.ts";
import { readShownEvent } from "./shown-event.ts";

/** A disclosed event as recomputed from its body and salt, or from the fields shown of it, beside what it is disclosed as. */
export interface RecomputedEvent {
  disclosed: DisclosedEvent;
  claimedCommitment: string;
  /** What only an event disclosed whole says of itself; null for one of which some fields are shown. */
  whole: { disclosed: WholeEvent; claimedHash: string; salt: string } | null;
  /** From the body or the fields; null when it is no EPCIS event, or its fields are not the commitment's, for the reason given. */
  content: EventContent | null;
  unreadable: string | null;
}

export interface EventContent {
  event: EpcisEvent;
  /** Null where the event is not shown whole. */
  hash: string | null;
  commitment: string;
  /** Unix seconds. */
  eventTime: number;
  /** Step of the flow the event declares. */
  step: string | null;
  /** Whether the field of the step is shown. */
  showsStep: boolean;
  isErrorDeclaration: boolean;
}

/** Recomputes what was disclosed of an event; never throws. */
export function recomputeEvent(disclosed: DisclosedEvent): RecomputedEvent {
  const claimedCommitment = normalHash(disclosed.commitment);
  const partly = isPartlyShown(disclosed);
  const whole = partly ? null : { disclosed, claimedHash: normalHash(disclosed.eventHash), salt: normalHash(disclosed.salt) };
  try {
    const content = partly ? shownContent(disclosed, claimedCommitment) : wholeContent(disclosed);
    return { disclosed, claimedCommitment, whole, content, unreadable: null };
  } catch (error) {
    return { disclosed, claimedCommitment, whole, content: null, unreadable: error instanceof Error ? error.message : String(error) };
  }
}

function wholeContent(disclosed: WholeEvent): EventContent {
  const context = JSON.parse(disclosed.context) as JsonLdContext;
  const parsed = parseEpcisEvent(JSON.parse(disclosed.body), context);
  if (!parsed.ok) throw new RangeError(parsed.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
  const { event } = parsed;
  const hash = eventHashBytes(event, context);
  return {
    event,
    hash: hexlify(hash),
    commitment: eventCommitment(hash, disclosed, getBytes(normalHash(disclosed.salt))),
    eventTime: eventTimeSeconds(event),
    step: eventTarget(event, context).step ?? null,
    showsStep: true,
    isErrorDeclaration: event.errorDeclaration !== undefined,
  };
}

function shownContent({ shown }: PartlyShownEvent, commitment: string): EventContent {
  const { event, step, showsStep } = readShownEvent(shown, commitment);
  return {
    event,
    hash: null,
    commitment,
    eventTime: eventTimeSeconds(event),
    step,
    showsStep,
    isErrorDeclaration: event.errorDeclaration !== undefined,
  };
}
