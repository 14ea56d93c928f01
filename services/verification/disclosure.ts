import { z } from "zod";
import { ThreadlineError } from "../model/errors.ts";
import { fieldDisclosureSchema } from "../model/privacy/disclosure.ts";

const hash32 = z.string().regex(/^(0x)?[0-9a-fA-F]{64}$/, "expected 32 bytes in hex");

const claimedSchema = z.looseObject({
  /** Number on the ledger; null while it is not recorded yet. */
  sequence: z.int().nullish(),
  commitment: hash32,
  recordTime: z.string(),
  capturedBy: z.string(),
  capturedByGln: z.string().nullish(),
  isErrorDeclaration: z.boolean().optional(),
});

const wholeEventSchema = claimedSchema.extend({
  salt: hash32,
  eventHash: hash32,
  eventId: z.string(),
  /** The EPCIS event as captured, JSON text. */
  body: z.string(),
  /** JSON-LD context it was captured under, JSON text. */
  context: z.string(),
});

/** To who may not see an identity: the fields that name nobody, each with its proof against the commitment. */
const shownEventSchema = claimedSchema.extend({ shown: fieldDisclosureSchema });

const disclosedExceptionSchema = z.looseObject({
  exceptionKey: hash32,
  code: z.string(),
  class: z.string(),
  /** Leg number from 0. */
  leg: z.int().nullable(),
  /** Unix seconds. */
  occurredAt: z.int(),
  /** Canonical JSON, see services/store/exception-details.ts. */
  detail: z.string(),
  salt: hash32,
});

const disclosedSegmentSchema = z.looseObject({
  readingsCommitment: z.string().regex(/^\d+$/, "expected a field element in decimal"),
  leg: z.int(),
  giai: z.string(),
  fromTick: z.int(),
  toTick: z.int(),
});

/** What an oracle discloses to an auditor about one journey: bodies and salts behind the ledger's commitments. */
export const disclosureSchema = z.looseObject({
  journeyId: hash32,
  flowDocumentHash: hash32.optional(),
  /** When bodies and salts were erased on the subject's request, RFC 3339; what is missing is then no divergence. */
  erasedAt: z.iso.datetime().nullish(),
  /** Parts of the journey outside the view of who asked; what is missing of them is no divergence. */
  withheld: z.array(z.string()).optional(),
  events: z.array(z.union([shownEventSchema, wholeEventSchema])),
  exceptionDetails: z.array(disclosedExceptionSchema),
  segments: z.array(disclosedSegmentSchema),
});

export type Disclosure = z.output<typeof disclosureSchema>;
export type WholeEvent = z.output<typeof wholeEventSchema>;
export type PartlyShownEvent = z.output<typeof shownEventSchema>;
export type DisclosedEvent = WholeEvent | PartlyShownEvent;

/** Whether an event is disclosed by some of its fields only. */
export function isPartlyShown(event: DisclosedEvent): event is PartlyShownEvent {
  return "shown" in event;
}
export type DisclosedException = z.output<typeof disclosedExceptionSchema>;
export type DisclosedSegment = z.output<typeof disclosedSegmentSchema>;

/** Throws ThreadlineError `disclosure-invalid` naming what is wrong with it. */
export function parseDisclosure(value: unknown): Disclosure {
  const parsed = disclosureSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 10).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ThreadlineError("disclosure-invalid", `the disclosure cannot be read: ${problems.join("; ")}`, { problems });
}

/**
 * Fetches a journey's disclosure from the oracle API (`GET /journeys/{id}/disclosure`).
 * Throws ThreadlineError `disclosure-unreachable`, `disclosure-refused` or `disclosure-invalid`.
 */
export async function fetchDisclosure(apiUrl: string, apiKey: string, journeyId: string): Promise<Disclosure> {
  const url = `${apiUrl.replace(/\/+$/, "")}/journeys/${encodeURIComponent(journeyId)}/disclosure`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}`, accept: "application/json" } });
    text = await response.text();
  } catch (cause) {
    throw new ThreadlineError("disclosure-unreachable", `no answer from ${url}: check that the oracle runs`, { url }, { cause });
  }
  if (!response.ok)
    throw new ThreadlineError("disclosure-refused", `${url} answered ${response.status}: use the key of a party to the journey`, {
      url,
      status: response.status,
      body: text.slice(0, 500),
    });
  try {
    return parseDisclosure(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof ThreadlineError) throw cause;
    throw new ThreadlineError("disclosure-invalid", `${url} did not answer JSON`, { url }, { cause });
  }
}

/** 32 bytes in hex, with or without 0x, as 0x-prefixed lower case. */
export function normalHash(text: string): string {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  return `0x${digits.toLowerCase()}`;
}
