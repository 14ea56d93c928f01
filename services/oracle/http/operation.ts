import type { Request, Response } from "express";
import type { z } from "zod";
import type { Caller } from "./caller.ts";

export type Method = "get" | "post" | "options";

export interface OperationRequest<Path, Query, Body> {
  path: Path;
  query: Query;
  body: Body;
  /** Who asks; an operation open to all has no caller. */
  caller: Caller;
  /** A request header, lower-case name. */
  header(name: string): string | undefined;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  mediaType?: string;
  /** Journeys that the answer shows something of, beside the one its path names: for the trail of accesses. */
  journeyIds?: readonly string[];
}

/** What an operation answers once, or a function that writes a stream for as long as the client listens. */
export type Outcome = Answer | ((request: Request, response: Response) => void);

export interface ResponseDocument {
  description: string;
  schema?: z.ZodType;
  mediaType?: string;
}

/** One operation of the API: the router, the authorisation and the OpenAPI document are all made of this. */
export interface Operation {
  operationId: string;
  method: Method;
  /** Path with `{parameters}`, as in OpenAPI. */
  path: string;
  tag: string;
  summary: string;
  parameters?: z.ZodObject;
  query?: z.ZodType;
  /** Query parameters for the document, where `query` is not an object schema. */
  queryDocument?: z.ZodObject;
  body?: z.ZodType;
  /** Schema of the body for the document, where `body` takes anything and a parser of its own judges it. */
  bodyDocument?: z.ZodType;
  /** Media types of a body that is text and no JSON. */
  textMediaTypes?: readonly string[];
  /** Whether failures are EPCIS exceptions and answers carry the GS1 headers. */
  epcis: boolean;
  /** How failures are told, where they are no RFC 7807 problems. */
  failures?: { mediaType: string; schema: z.ZodType };
  responses: Record<number, ResponseDocument>;
  handle(request: OperationRequest<unknown, unknown, unknown>): Promise<Outcome>;
}

interface TypedOperation<Path extends z.ZodObject, Query extends z.ZodType, Body extends z.ZodType> extends Omit<
  Operation,
  "parameters" | "query" | "body" | "handle" | "epcis"
> {
  parameters?: Path;
  query?: Query;
  body?: Body;
  epcis?: boolean;
  handle(request: OperationRequest<z.output<Path>, z.output<Query>, z.output<Body>>): Promise<Outcome>;
}

/** Ties the handler's types to the schemas its values were parsed with. */
export function operation<
  Path extends z.ZodObject = z.ZodObject,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
>(definition: TypedOperation<Path, Query, Body>): Operation {
  return { epcis: false, ...definition } as unknown as Operation;
}
