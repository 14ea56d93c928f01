import type { EpcisExceptionName } from "../http/problem.ts";

/** One event's failure in a capture job, RFC 7807 shape. */
export interface CaptureError {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Place of the event in the document, from 0. */
  eventIndex: number;
}

export function captureError(
  eventIndex: number,
  detail: string,
  exception: EpcisExceptionName = "ValidationException",
  status = 400,
): CaptureError {
  return { type: `epcisException:${exception}`, title: "Event not captured", status, detail, eventIndex };
}
