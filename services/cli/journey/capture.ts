import { ThreadlineError } from "../../model/errors.ts";
import type { ApiClient } from "../api-client.ts";
import type { PartySigner } from "./signers.ts";

/** What a capture came to: the events taken, or why the document was refused. */
export type CaptureOutcome = { captured: number } | { refused: string };

export type PlayedEvent = { eventTime?: string; "threadline:step"?: string };

interface CaptureJob {
  running: boolean;
  success: boolean;
  errors: { detail?: string }[];
}

const POLL_MILLISECONDS = 25;

/**
 * Posts an EPCIS document and waits for its capture job. A document the node does not take (status 4xx, or a job that
 * failed: nothing of it is stored) is an outcome, not an error; no answer or a fault of the node throws.
 */
export async function captureDocument(client: ApiClient, text: string): Promise<CaptureOutcome> {
  const accepted = await client.post<{ title?: string; detail?: string }>("/capture", text);
  const { status, body } = accepted;
  if (status >= 400 && status < 500) return { refused: body.detail ?? body.title ?? `status ${status}` };
  await client.must(Promise.resolve(accepted));
  const location = accepted.headers.get("location");
  if (location === null) throw new ThreadlineError("api-answer-unexpected", `POST /capture answered ${status} without a Location`, { status });
  for (;;) {
    const job = await client.must(client.get<CaptureJob>(location));
    if (!job.running) return job.success ? { captured: eventsOf(text).length } : { refused: job.errors.map((error) => error.detail ?? "no reason given").join("; ") };
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** The same with the party's own signature under each event. */
export async function captureSigned(signer: PartySigner, journeyId: string, text: string): Promise<CaptureOutcome> {
  const { status, body } = await signer.perform(journeyId, { act: "custody-event", document: JSON.parse(text) as Record<string, unknown> });
  if (status === 202) return { captured: eventsOf(text).length };
  if (status < 500) return { refused: body.detail ?? body.title ?? `status ${status}` };
  throw new ThreadlineError("api-refused", `the API answered ${status}: ${body.detail ?? "no reason given"}`, { status });
}

/** Events of a document as far as it can be read: it may be anything, the node judges it. */
export function eventsOf(text: string): PlayedEvent[] {
  try {
    const document = JSON.parse(text) as { epcisBody?: { eventList?: unknown } } | null;
    const list = document?.epcisBody?.eventList;
    return Array.isArray(list) ? list.filter((event): event is PlayedEvent => typeof event === "object" && event !== null) : [];
  } catch {
    return [];
  }
}
