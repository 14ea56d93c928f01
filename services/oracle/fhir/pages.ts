import { z } from "zod";
import { FHIR_MEDIA_TYPE } from "../http/fhir-facade.ts";
import { problem } from "../http/problem.ts";
import type { Place } from "./find-resources.ts";

const DEFAULT_COUNT = 50;

export const outcomeSchema = z.looseObject({ resourceType: z.literal("OperationOutcome"), issue: z.array(z.looseObject({})).min(1) });
export const failures = { mediaType: FHIR_MEDIA_TYPE, schema: outcomeSchema };
export const bundleSchema = z.looseObject({ resourceType: z.literal("Bundle"), type: z.literal("searchset") });

/** Address of the façade. */
export function fhirBase(publicUrl: string): string {
  return `${publicUrl.replace(/\/$/, "")}/fhir/R4`;
}

export function countOf(query: { _count?: string | undefined }, largest: number, fallback = DEFAULT_COUNT): number {
  const text = query._count ?? "";
  if (text === "") return Math.min(fallback, largest);
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw problem(400, "invalid-count", `_count is a whole number from 1, not "${text}"`);
  return Math.min(count, largest);
}

/** Address of a page with what was heeded of the request. */
export function pageAddress(path: string, parameters: readonly [string, string][], token: string | null): string {
  const search = new URLSearchParams(token === null ? [...parameters] : [...parameters, ["_page", token]]);
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

/** Numbers and a journey, as the text a page is asked for by. */
export function tokenOf(...parts: readonly (string | number)[]): string {
  return Buffer.from(parts.join(".")).toString("base64url");
}

export function placeToken({ createdAtMilliseconds, journeyId, offset }: Place): string {
  return tokenOf(createdAtMilliseconds, offset, journeyId);
}

export function readPlace(token: string | undefined): Place | null {
  if (token === undefined || token === "") return null;
  const [createdAtMilliseconds, offset, journeyId] = readToken(token, /^(\d{1,15})\.(\d{1,9})\.(0x[0-9a-f]{64})$/);
  return { createdAtMilliseconds: Number(createdAtMilliseconds), offset: Number(offset), journeyId: journeyId ?? "" };
}

export function readNumbers(token: string | undefined, pattern: RegExp): number[] | null {
  return token === undefined || token === "" ? null : readToken(token, pattern).map(Number);
}

function readToken(token: string, pattern: RegExp): string[] {
  const match = pattern.exec(Buffer.from(token, "base64url").toString("latin1"));
  if (match === null) throw problem(400, "invalid-page", "_page is not one this server gave out");
  return match.slice(1);
}
