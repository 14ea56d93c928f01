import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { operationOutcome } from "../../model/fhir/index.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { FHIR_MEDIA_TYPE } from "./fhir-facade.ts";
import { epcisProblem, Problem, problem } from "./problem.ts";
import type { EpcisExceptionName } from "./problem.ts";

export const notFound: RequestHandler = (request) => {
  throw problem(404, "no-such-operation", `nothing is served at ${request.method} ${request.path}; see /docs`);
};

/** The one place where failures become answers. */
export function errorMiddleware(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const epcis = response.locals["epcis"] === true;
    const known = error instanceof Problem ? error : (modelProblem(error) ?? parserProblem(error, epcis));
    if (known === undefined) logger.error({ err: error, method: request.method, path: request.path }, "request failed");
    if (response.headersSent) return next(error);
    const answer = known ?? internalProblem(epcis);
    response.status(answer.body.status).set(answer.headers);
    if (response.locals["fhir"] === true) return sendOutcome(response, answer);
    response.type("application/problem+json");
    response.send(JSON.stringify(answer.body));
  };
}

/** FHIR clients are told of failures in FHIR (R4, RESTful API, "Operation Outcome"). */
function sendOutcome(response: Response, { body }: Problem): void {
  const code = body.type.replace(/^urn:threadline:problem:/, "");
  response.type(FHIR_MEDIA_TYPE).send(JSON.stringify(operationOutcome(body.status, code, body.detail)));
}

function internalProblem(epcis: boolean): Problem {
  const detail = "the request failed inside; the server's log says why";
  return epcis ? epcisProblem(500, "ImplementationException", detail) : problem(500, "internal-error", detail);
}

const RETRIABLE = new Set(["capture-queue-full", "capture-closed"]);

/** Errors of the model whose text is meant for the client. */
function modelProblem(error: unknown): Problem | undefined {
  if (!(error instanceof ThreadlineError)) return undefined;
  const exception = /^epcisException:(\w+)$/.exec(error.code)?.[1];
  if (exception !== undefined) return epcisProblem(400, exception as EpcisExceptionName, error.message, error.details);
  if (!RETRIABLE.has(error.code)) return undefined;
  const { body } = problem(503, error.code, error.message, error.details);
  return new Problem(body, { "Retry-After": "5" });
}

/** Failures of Express and its body parser, known by their `status`. */
function parserProblem(error: unknown, epcis: boolean): Problem | undefined {
  if (!(error instanceof Error) || !("status" in error)) return undefined;
  const { status } = error;
  if (typeof status !== "number" || status < 400 || status > 499) return undefined;
  const { code, exception, detail } = PARSER_PROBLEMS[status] ?? MALFORMED;
  return epcis ? epcisProblem(status, exception, detail) : problem(status, code, detail);
}

interface ParserProblem {
  code: string;
  exception: EpcisExceptionName;
  detail: string;
}

const MALFORMED: ParserProblem = {
  code: "invalid-request",
  exception: "ValidationException",
  detail: "the request is not valid: its path is not URL-encoded or its body is not JSON",
};

const PARSER_PROBLEMS: Record<number, ParserProblem> = {
  413: {
    code: "body-too-large",
    exception: "CaptureLimitExceededException",
    detail: "the body is larger than this server accepts; split it",
  },
  415: {
    code: "unsupported-media-type",
    exception: "UnsupportedMediaTypeException",
    detail: "the body's charset or encoding is not supported; send UTF-8 JSON",
  },
};
