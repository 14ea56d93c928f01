import { json, Router, text } from "express";
import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import { ACCESS, mayCall } from "./access.ts";
import type { Access } from "./access.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { Caller } from "./caller.ts";
import { epcisHeaders } from "./headers.ts";
import { guardJson, guardText } from "./json-guard.ts";
import type { Operation, OperationRequest } from "./operation.ts";
import { epcisProblem, Problem, problem } from "./problem.ts";
import type { WrongKeyCount } from "./wrong-keys.ts";

export interface RouterParts {
  apiKeys: ApiKeys;
  limits: { bodyBytes: number; captureEvents: number };
  /** Where wrong keys are counted; in tests of the router alone left out. */
  wrongKeys?: WrongKeyCount;
  observe: (operation: Operation, status: number, seconds: number) => void;
  /** Told of each answer to an authenticated caller before it is sent, refusals by the access table included; what it throws is answered instead. */
  onAnswer?: (answered: AnsweredOperation) => Promise<void>;
}

export interface AnsweredOperation {
  operation: Operation;
  access: Access;
  caller: Caller;
  status: number;
  /** Journeys that the path names or the answer shows. */
  journeyIds: readonly string[];
}

const ANSWERED_MEDIA_TYPES = ["application/json", "application/ld+json"];

/** Serves every operation; throws for one that the access table has no row for. */
export function createOperationRouter(operations: readonly Operation[], parts: RouterParts): Router {
  const router = Router({ caseSensitive: true });
  const parseJson = json({
    limit: parts.limits.bodyBytes,
    strict: false,
    type: ["application/json", "application/ld+json"],
  });
  for (const served of operations) {
    const access = ACCESS[served.operationId];
    if (access === undefined)
      throw new RangeError(`the access table has no row for "${served.operationId}": add one in http/access.ts`);
    const route = router.route(expressPath(served.path));
    const handlers = [timed(served, parts), authorised(served, access, parts)];
    if (served.textMediaTypes !== undefined)
      handlers.push(text({ limit: parts.limits.bodyBytes, type: [...served.textMediaTypes] }));
    else if (served.body !== undefined) handlers.push(parseJson);
    route[served.method](...handlers, handled(served, access, parts));
  }
  return router;
}

export function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function timed(served: Operation, parts: RouterParts): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.once("close", () => parts.observe(served, response.statusCode, (performance.now() - started) / 1000));
    if (served.epcis) response.set(epcisHeaders(parts.limits));
    response.locals["epcis"] = served.epcis;
    if (served.epcis && request.accepts(...ANSWERED_MEDIA_TYPES) === false)
      throw epcisProblem(406, "NotAcceptableException", `this server answers ${ANSWERED_MEDIA_TYPES.join(", ")}`);
    next();
  };
}

/** Carries the secret a person signs with anew, beside the API key. */
const SIGNING_SECRET_HEADER = "threadline-signing-secret";

/** Asked before the body is read, so that a stranger costs no parsing. */
function authorised(served: Operation, access: Access, { apiKeys, wrongKeys, onAnswer }: RouterParts): RequestHandler {
  return async (request, response, next) => {
    if (access.open === true) return next();
    const key = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const address = request.ip ?? "";
    const waitSeconds = key === undefined || apiKeys.isFamiliar(key) ? null : (wrongKeys?.waitSeconds(address) ?? null);
    if (waitSeconds !== null) throw tooManyWrongKeys(served, waitSeconds);
    const caller = key === undefined ? undefined : await apiKeys.callerOf(key);
    if (caller === undefined) {
      if (key !== undefined) wrongKeys?.add(address);
      response.set("WWW-Authenticate", 'Bearer realm="threadline"');
      throw refusal(served, 401, "not-authenticated", "send a valid API key: Authorization: Bearer tl_…");
    }
    if (!mayCall(access, caller)) {
      await onAnswer?.({ operation: served, access, caller, status: 403, journeyIds: journeyIn(request.params) });
      throw refusal(served, 403, "not-authorised", `${nameOf(caller)} may not call ${served.operationId}`);
    }
    const signingSecret = () => request.headers[SIGNING_SECRET_HEADER]?.toString();
    response.locals["caller"] = caller.kind === "operator" ? caller : { ...caller, signingSecret };
    next();
  };
}

function refusal(served: Operation, status: number, code: string, detail: string) {
  return served.epcis ? epcisProblem(status, "SecurityException", detail) : problem(status, code, detail);
}

/** Keys that were good lately still pass: who shares an address with a guesser does not wait for it. */
function tooManyWrongKeys(served: Operation, waitSeconds: number): Problem {
  const detail = `too many wrong API keys came from your address; wait ${waitSeconds} s`;
  return new Problem(refusal(served, 429, "too-many-wrong-keys", detail).body, { "Retry-After": String(waitSeconds) });
}

function nameOf(caller: Caller): string {
  return caller.kind === "operator" ? "the operator" : `a participant with the roles ${caller.roles.join(", ")}`;
}

function handled(served: Operation, access: Access, { onAnswer }: RouterParts): RequestHandler {
  return async (request, response) => {
    const read = readRequest(served, request, response);
    const caller = response.locals["caller"] as Caller | undefined;
    const named = [...journeyIn(request.params), ...journeyIn(read.body)];
    const tell = async (status: number, shown: readonly string[] = []) => {
      if (caller === undefined) return;
      await onAnswer?.({ operation: served, access, caller, status, journeyIds: [...named, ...shown] });
    };
    const outcome = await served.handle(read).catch(async (error: unknown) => {
      await tell(error instanceof Problem ? error.body.status : 500);
      throw error;
    });
    await (typeof outcome === "function" ? tell(200) : tell(outcome.status, outcome.journeyIds));
    if (typeof outcome === "function") return outcome(request, response);
    response.status(outcome.status);
    if (outcome.headers !== undefined) response.set(outcome.headers);
    if (outcome.body === undefined) response.end();
    else if (outcome.mediaType === undefined) response.json(outcome.body);
    else response.type(outcome.mediaType).send(outcome.body);
  };
}

/** The journey that a path or a body names. */
function journeyIn(named: unknown): string[] {
  const { journeyId } = (typeof named === "object" && named !== null ? named : {}) as { journeyId?: unknown };
  return typeof journeyId === "string" && /^0x[0-9a-f]{64}$/.test(journeyId) ? [journeyId] : [];
}

function readRequest(
  served: Operation,
  request: Request,
  response: Response,
): OperationRequest<unknown, unknown, unknown> {
  for (const value of Object.values(request.params)) guardText(String(value));
  const body: unknown = served.body === undefined ? undefined : request.body;
  if (served.body !== undefined && body === undefined)
    throw served.epcis
      ? epcisProblem(
          415,
          "UnsupportedMediaTypeException",
          "send JSON: Content-Type: application/json or application/ld+json",
        )
      : problem(415, "unsupported-media-type", `send Content-Type: ${(served.textMediaTypes ?? ["application/json"]).join(" or ")}`);
  guardJson(body);
  return {
    path: parse(served, "path", served.parameters, request.params),
    query: parse(served, "query", served.query ?? z.strictObject({}), readQuery(request)),
    body: parse(served, "body", served.body, body),
    caller: response.locals["caller"] as Caller,
    header: (name) => request.headers[name]?.toString(),
  };
}

/** Query parameters as text; one given twice is refused, since parsers disagree on which counts. */
function readQuery(request: Request): Record<string, string> {
  const mark = request.originalUrl.indexOf("?");
  const read = new Map<string, string>();
  if (mark < 0) return {};
  for (const [name, value] of new URLSearchParams(request.originalUrl.slice(mark + 1))) {
    guardText(name);
    guardText(value);
    if (read.has(name)) throw problem(400, "repeated-parameter", `the query parameter "${name}" is given twice`);
    read.set(name, value);
  }
  return Object.fromEntries(read);
}

function parse(served: Operation, where: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 20).map((issue) => ({
    path: `/${issue.path.map(String).join("/")}`,
    message: issue.message,
  }));
  const detail = `the ${where} is not valid: ${issues.map((issue) => `${issue.path} ${issue.message}`).join("; ")}`;
  if (!served.epcis) throw problem(400, "invalid-request", detail, { issues });
  throw epcisProblem(400, where === "query" ? "QueryParameterException" : "ValidationException", detail, { issues });
}
