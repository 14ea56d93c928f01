import { getBytes } from "ethers";
import { stepNumber } from "../model/custody/index.ts";
import type { FlowDefinition } from "../model/custody/index.ts";
import { eventHashBytes, eventTarget, eventTimeSeconds, parseEpcisDocument } from "../model/epcis/index.ts";
import { ThreadlineError } from "../model/errors.ts";
import { eventCommitment } from "../model/privacy/index.ts";

/** A step that the flow does not plan, as the ledger has it; also that of an error declaration. */
const UNPLANNED_STEP = 255;

/** One event as its signer commits to it. */
export interface SignedFact {
  commitment: string;
  step: number;
  /** Unix seconds. */
  occurredAt: number;
}

/** How many events a document has, a bare event being one. */
export function eventCount(document: Record<string, unknown>): number {
  return receivedEvents(document).length;
}

/**
 * Every event of an EPCIS 2.0 document as it is committed to, each under its salt (32 bytes, hexadecimal), made from the
 * document alone. Throws `document-invalid`.
 */
export function factsOf(document: Record<string, unknown>, flow: FlowDefinition, salts: readonly string[]): SignedFact[] {
  const parsed = parseEpcisDocument(document);
  if (!parsed.ok)
    throw new ThreadlineError("document-invalid", `this is no EPCIS document: ${parsed.issues.map(({ path, message }) => `/${path.join("/")} ${message}`).join("; ")}`);
  const received = receivedEvents(document);
  return parsed.events.map((event, index) => {
    const hash = eventHashBytes(event, parsed.context);
    const text = { body: JSON.stringify(received[index]), context: JSON.stringify(parsed.context ?? null) };
    const { step } = eventTarget(event, parsed.context);
    const place = step === undefined || event.errorDeclaration !== undefined ? -1 : stepNumber(flow, step);
    return {
      commitment: eventCommitment(hash, text, getBytes(salts[index] ?? "0x")),
      step: place < 0 ? UNPLANNED_STEP : place,
      occurredAt: eventTimeSeconds(event),
    };
  });
}

function receivedEvents(document: Record<string, unknown>): unknown[] {
  const body = document["epcisBody"] as { eventList?: unknown } | undefined;
  return Array.isArray(body?.eventList) ? (body.eventList as unknown[]) : [document];
}
