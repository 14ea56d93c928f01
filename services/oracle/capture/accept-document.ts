import { epcisProblem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { issuesText, prepareDocument } from "./prepare.ts";
import type { CaptureErrorBehaviour, PreparedDocument } from "./prepare.ts";

/** A document as it is captured. Throws an EPCIS exception: 400 for one that is not valid, 413 for too many events. */
export function preparedDocument(body: unknown, behaviour: CaptureErrorBehaviour, limits: OracleParts["limits"]): PreparedDocument {
  const document = prepareDocument(body, behaviour);
  if ("issues" in document)
    throw epcisProblem(400, "ValidationException", issuesText(document.issues), {
      issues: document.issues.slice(0, 100),
    });
  const count = document.events.length + document.errors.length;
  if (count > limits.captureEvents)
    throw epcisProblem(
      413,
      "CaptureLimitExceededException",
      `${count} events are more than the ${limits.captureEvents} one capture may have; split the document`,
    );
  return document;
}
