import { z } from "zod";
import type { Vocabulary } from "./vocabulary.ts";
import { CBV_NAMESPACE } from "./vocabulary.ts";

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9\-._~!$&'()*+,;=:@/?[\]])+(?:#(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9\-._~!$&'()*+,;=:@/?])*)?$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** True for an absolute URI (RFC 3986), CURIEs included. */
export function isUri(text: string): boolean {
  return URI.test(text);
}

/** True for an RFC 3339 time with an offset, on a day that exists. */
export function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth && hour < 24 && minute < 60 && second < 60;
}

export const uri = z.string().refine(isUri, { error: (issue) => `"${String(issue.input)}" is not a URI` });

export const dateTime = z.string().refine(isDateTime, {
  error: (issue) => `"${String(issue.input)}" is not an RFC 3339 time with an offset, such as 2026-03-02T09:00:00.000+01:00`,
});

export const decimal = z.number();

export const epcList = z.array(uri);

export const uniqueEpcList = epcList.refine((epcs) => new Set(epcs).size === epcs.length, {
  error: "The same EPC is listed twice",
});

/** Namespaces of GS1 in which only the vocabulary's own words are terms. */
const FORBIDDEN_STEMS = /^(urn:epcglobal:cbv|https?:\/\/ns\.gs1\.org\/cbv\/)/;
const FORBIDDEN_WEB_VOCABULARY = /^https?:\/\/(www\.)?gs1\.org\/voc\//;

function isWordOrForeignUri(vocabulary: Vocabulary, text: string): boolean {
  if (vocabulary.words.includes(text)) return true;
  if (!isUri(text)) return false;
  const inWebVocabulary = vocabulary.stem.startsWith(CBV_NAMESPACE) ? FORBIDDEN_STEMS : FORBIDDEN_WEB_VOCABULARY;
  if (inWebVocabulary.test(text)) return false;
  return !text.startsWith(CBV_NAMESPACE) || vocabulary.words.includes(text.slice(vocabulary.stem.length));
}

/** A bare word of the vocabulary, or a URI outside GS1's namespaces. */
export function term(vocabulary: Vocabulary) {
  return z.string().refine((text) => isWordOrForeignUri(vocabulary, text), {
    error: (issue) =>
      `"${String(issue.input)}" is no ${vocabulary.name} of CBV 2.0; use one of its words or a URI of your own namespace`,
  });
}
