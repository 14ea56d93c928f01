import { z } from "zod";
import { readAccesses } from "../audit/read-accesses.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { anchorOf } from "../audit/anchoring.ts";
import { anchorAnswer, anchorSchema } from "./anchor-schema.ts";
import { linkToNext, pageOf, pageQuery } from "../schemas/paging.ts";
import { glnSchema, hash32Schema, momentSchema, momentText } from "../schemas/common.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const accessSchema = z.strictObject({
  number: z.int(),
  at: momentText,
  by: z.strictObject({ participantId: z.string(), gln: z.string().nullable(), name: z.string().nullable() }),
  account: z.string().nullable().meta({ description: "of the person or integration whose key was used" }),
  roles: z.array(z.string()),
  operation: z.string(),
  journeyId: z.string().nullable().meta({ description: "null when nothing of a journey was found or shown" }),
  outcome: z.enum(["shown", "refused"]),
  status: z.int().nullable().meta({ description: "HTTP status; null for a FHIR read, of which `resources` tells" }),
  resources: z.int(),
  pseudonymShown: z.boolean(),
  hash: sha256Schema.nullable(),
});

const stateSchema = z.strictObject({
  intact: z.boolean(),
  entries: z.int(),
  head: sha256Schema,
  firstBroken: z.int().nullable(),
  anchor: anchorSchema,
});

/** The trail of who read what of which journey. There is no operation that writes, changes or ends it. */
export function accessOperations(parts: OracleParts): Operation[] {
  const list = operation({
    operationId: "listAccesses",
    method: "get",
    path: "/audit/accesses",
    tag: "audit",
    summary: "Who read what, newest first: all of it for auditor and regulator, of their own journeys for hospitals",
    query: pageQuery(parts.limits.pageEntries).extend({
      journeyId: hash32Schema.optional(),
      participant: glnSchema.optional(),
      operation: z.string().max(100).optional(),
      outcome: z.enum(["shown", "refused"]).optional(),
      from: momentSchema.optional(),
      to: momentSchema.optional(),
    }),
    responses: {
      200: { description: "A page.", schema: z.strictObject({ accesses: z.array(accessSchema) }) },
    },
    async handle({ query, caller }) {
      const { perPage, nextPageToken, ...wanted } = query;
      const page = pageOf(await readAccesses(parts.database, caller, wanted, { offset: nextPageToken, limit: perPage + 1 }), query);
      const asked = Object.entries({ ...wanted, perPage }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, name === "from" || name === "to" ? new Date(Number(value) * 1000).toISOString() : String(value)]],
      );
      const headers = linkToNext("/audit/accesses", Object.fromEntries(asked) as Record<string, string>, page.next);
      return { status: 200, headers, body: { accesses: page.entries } };
    },
  });

  const verify = operation({
    operationId: "verifyAccesses",
    method: "get",
    path: "/audit/accesses/verification",
    tag: "audit",
    summary: "Recompute the hash chain of the trail of accesses, and hold it against its anchor on the ledger",
    responses: { 200: { description: "Whether the trail is whole.", schema: stateSchema } },
    async handle() {
      const anchor = anchorAnswer(await anchorOf(parts.database, parts.ledger, "accesses"));
      return { status: 200, body: { ...(await parts.accesses.verify()), anchor } };
    },
  });

  return [list, verify];
}
