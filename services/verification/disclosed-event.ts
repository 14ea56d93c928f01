import { getBytes, hexlify } from "ethers";
import { eventCommitment } from "../model/privacy/event-commitment.ts";
import { eventHashBytes, eventTarget, eventTimeSeconds, parseEpcisEvent } from "../model/epcis/index.ts";
import type { EpcisEvent, JsonLdContext } from "../model/epcis/index.ts";
import { normalHash } from "./disclosure.ts";
import type { DisclosedEvent } from "./disclosure.ts";

/** A disclosed event as recomputed from its body and salt, beside what it is disclosed as. */
export interface RecomputedEvent {
  disclosed: DisclosedEvent;
  claimedCommitment: string;
  claimedHash: string;
  salt: string;
  /** From the body; null when the body is no EPCIS event, for the reason given. */
  content: EventContent | null;
  unreadable: string | null;
}

export interface EventContent {
  event: EpcisEvent;
  hash: string;
  commitment: string;
  /** Unix seconds. */
  eventTime: number;
  /** Step of the flow the event declares. */
  step: string | null;
  isErrorDeclaration: boolean;
}

export function recomputeEvent(disclosed: DisclosedEvent): RecomputedEvent {
  const claimed = {
    disclosed,
    claimedCommitment: normalHash(disclosed.commitment),
    claimedHash: normalHash(disclosed.eventHash),
    salt: normalHash(disclosed.salt),
  };
  try {
    const context = JSON.parse(disclosed.context) as JsonLdContext;
    const parsed = parseEpcisEvent(JSON.parse(disclosed.body), context);
    if (!parsed.ok) {
      const unreadable = parsed.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
      return { ...claimed, content: null, unreadable };
    }
    const { event } = parsed;
    const hash = eventHashBytes(event, context);
    return {
      ...claimed,
      content: {
        event,
        hash: hexlify(hash),
        commitment: eventCommitment(hash, disclosed, getBytes(claimed.salt)),
        eventTime: eventTimeSeconds(event),
        step: eventTarget(event, context).step ?? null,
        isErrorDeclaration: event.errorDeclaration !== undefined,
      },
      unreadable: null,
    };
  } catch (error) {
    return { ...claimed, content: null, unreadable: error instanceof Error ? error.message : String(error) };
  }
}
