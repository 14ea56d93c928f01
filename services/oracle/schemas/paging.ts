import { z } from "zod";

const DEFAULT_PER_PAGE = 30;

/** `perPage` and `nextPageToken` of a list that is paged by place. */
export function pageQuery(largest: number) {
  return z.strictObject({
    perPage: z
      .string()
      .regex(/^[1-9]\d{0,3}$/, "a whole number")
      .transform(Number)
      .refine((count) => count <= largest, `at most ${largest}`)
      .default(DEFAULT_PER_PAGE),
    nextPageToken: z
      .string()
      .regex(/^\d{1,9}$/, "the token of the page before")
      .transform(Number)
      .default(0),
  });
}

/** A page out of rows read with one more than asked for. */
export function pageOf<Row>(
  rows: Row[],
  query: { perPage: number; nextPageToken: number },
): { entries: Row[]; next: string | null } {
  const next = rows.length > query.perPage ? String(query.nextPageToken + query.perPage) : null;
  return { entries: rows.slice(0, query.perPage), next };
}

/** Header that names the next page (RFC 8288), with the query that was asked. */
export function linkToNext(path: string, query: Record<string, string>, token: string | null): Record<string, string> {
  if (token === null) return {};
  const parameters = new URLSearchParams({ ...query, nextPageToken: token });
  return { Link: `<${path}?${parameters.toString()}>; rel="next"` };
}
