import { randomUUID } from "node:crypto";
import { z } from "zod";
import { preparedDocument } from "../capture/accept-document.ts";
import type { CaptureErrorBehaviour, PreparedDocument } from "../capture/prepare.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { epcisHeaders } from "../http/headers.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { epcisProblem, Problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireHostedIntegration } from "../signing/hosted-key.ts";
import { rfc3339FromMilliseconds } from "../schemas/common.ts";

const epcisJson = z.looseObject({ type: z.string() }).meta({ description: "EPCIS 2.0 JSON-LD" });

/** The capture interface of EPCIS 2.0. A capture is durable, in the outbox included, before it is answered. */
export function captureOperations(parts: OracleParts): Operation[] {
  const { limits } = parts;

  const capture = operation({
    operationId: "capture",
    method: "post",
    path: "/capture",
    tag: "EPCIS",
    summary: "Capture an EPCIS 2.0 document; header GS1-Capture-Error-Behaviour: rollback (default) or proceed",
    epcis: true,
    body: z.unknown(),
    bodyDocument: epcisJson,
    responses: {
      202: { description: "Taken; Location names the capture job." },
      400: { description: "Not a valid EPCIS document." },
      413: { description: "More events or bytes than one capture may have." },
    },
    async handle({ body, caller, header }) {
      const behaviour = behaviourOf(header("gs1-capture-error-behaviour"));
      const { captureId } = await submit(preparedDocument(body, behaviour, limits), behaviour, caller as ParticipantCaller);
      const headers = { Location: `/capture/${captureId}`, "GS1-Capture-Error-Behaviour": behaviour };
      return { status: 202, headers };
    },
  });

  const captureEvent = operation({
    operationId: "captureEvent",
    method: "post",
    path: "/events",
    tag: "EPCIS",
    summary: "Capture one EPCIS 2.0 event with its own @context",
    epcis: true,
    body: z.unknown(),
    bodyDocument: epcisJson,
    responses: {
      201: {
        description: "Captured; Location names the event.",
        schema: z.looseObject({ type: z.string(), eventID: z.string() }).meta({ description: "the event" }),
      },
      400: { description: "Not a valid event." },
      409: { description: "The eventID is captured with other content." },
    },
    async handle({ body, caller }) {
      if (!isEvent(body)) throw epcisProblem(400, "ValidationException", "send one event here, a document to /capture");
      const receivedAt = Date.now();
      const outcome = await submit(preparedDocument(body, "rollback", limits), "rollback", caller as ParticipantCaller, receivedAt);
      const [error] = outcome.errors;
      if (error !== undefined) throw new Problem({ ...error });
      const [eventID = ""] = outcome.eventIds;
      const recordTime = outcome.newEvents === 1 ? { recordTime: rfc3339FromMilliseconds(receivedAt) } : {};
      const headers = { Location: `/events/${encodeURIComponent(eventID)}` };
      return { status: 201, headers, body: { ...body, eventID, ...recordTime } };
    },
  });

  const discovery = (operationId: string, path: string) =>
    operation({
      operationId,
      method: "options",
      path,
      tag: "EPCIS",
      summary: "EPCIS and CBV versions and limits, as headers",
      epcis: true,
      responses: { 204: { description: "See the GS1 headers." } },
      handle: () => Promise.resolve({ status: 204, headers: { ...epcisHeaders(limits), Allow: "GET, POST, OPTIONS" } }),
    });

  function submit(
    document: PreparedDocument,
    behaviour: CaptureErrorBehaviour,
    caller: ParticipantCaller,
    receivedAtMilliseconds = Date.now(),
  ) {
    requireHostedIntegration(caller);
    return parts.captures.submit({
      captureId: randomUUID(),
      participantId: caller.participantId,
      behaviour,
      ...document,
      receivedAtMilliseconds,
    });
  }

  return [capture, captureEvent, discovery("optionsCapture", "/capture"), discovery("optionsEvents", "/events")];
}

function isEvent(body: unknown): body is { type: string } {
  return typeof body === "object" && body !== null && "type" in body && body.type !== "EPCISDocument";
}

function behaviourOf(header: string | undefined): CaptureErrorBehaviour {
  if (header === undefined || header === "rollback") return "rollback";
  if (header === "proceed") return "proceed";
  throw epcisProblem(400, "ValidationException", `GS1-Capture-Error-Behaviour is rollback or proceed, not "${header}"`);
}
