import { STATUS_CODES } from "node:http";

/** Body of a failure, RFC 7807 `application/problem+json`; further members carry the values that were wrong. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  [member: string]: unknown;
}

/** The exceptions of the EPCIS 2.0 REST interface this API answers with. */
export type EpcisExceptionName =
  | "ValidationException"
  | "NoSuchResourceException"
  | "NotAcceptableException"
  | "ResourceAlreadyExistsException"
  | "SecurityException"
  | "CaptureLimitExceededException"
  | "QueryParameterException"
  | "QueryTooLargeException"
  | "UnsupportedMediaTypeException"
  | "ImplementationException";

/** A failure answered to the client. Whatever else is thrown becomes a 500 that says nothing of the inside. */
export class Problem extends Error {
  readonly body: ProblemBody;
  readonly headers: Record<string, string>;

  constructor(body: ProblemBody, headers: Record<string, string> = {}) {
    super(body.detail);
    this.name = "Problem";
    this.body = body;
    this.headers = headers;
  }
}

/** A problem of Threadline's own, `urn:threadline:problem:<code>`. */
export function problem(status: number, code: string, detail: string, members: Record<string, unknown> = {}): Problem {
  return new Problem({ ...members, type: `urn:threadline:problem:${code}`, title: titleOf(status), status, detail });
}

/** A problem of the EPCIS interface, `epcisException:<name>`. */
export function epcisProblem(
  status: number,
  exception: EpcisExceptionName,
  detail: string,
  members: Record<string, unknown> = {},
): Problem {
  return new Problem({ ...members, type: `epcisException:${exception}`, title: titleOf(status), status, detail });
}

export function titleOf(status: number): string {
  return STATUS_CODES[status] ?? "Error";
}
