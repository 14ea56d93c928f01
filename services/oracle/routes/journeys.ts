import { z } from "zod";
import { openIdentities } from "../../store/identities.ts";
import { seesIdentity } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { journeyStatus } from "../journeys/status.ts";
import { hasVisibleMilestones, isKnown, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { openedSchema, openJourneyOperation } from "./open-journey.ts";
import { linkToNext, pageOf, pageQuery } from "../schemas/paging.ts";
import { journeyPath, momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

/** Journeys: one therapy, needle to needle, under one Chain of Identity. */
export function journeyOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const list = operation({
    operationId: "listJourneys",
    method: "get",
    path: "/journeys",
    tag: "journeys",
    summary: "Journeys the caller opened, acts in or was granted milestones of; all of them for quality, auditor and regulator",
    query: pageQuery(parts.limits.pageEntries),
    responses: {
      200: {
        description: "A page of journeys, newest first.",
        schema: z.strictObject({ journeys: z.array(openedSchema.extend({ recorded: z.boolean() })) }),
      },
    },
    async handle({ query, caller }) {
      const rows = await database
        .selectFrom("journeys")
        .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
        .leftJoin("chain_journeys", "chain_journeys.journey_id", "journeys.journey_id")
        .select([
          "journeys.journey_id as journeyId",
          "name",
          "version",
          "created_at_milliseconds",
          "chain_journeys.head as head",
        ])
        .where(hasVisibleMilestones<"journeys">(database, caller, "journeys.journey_id"))
        .orderBy("created_at_milliseconds", "desc")
        .orderBy("journeys.journey_id")
        .offset(query.nextPageToken)
        .limit(query.perPage + 1)
        .execute();
      const page = pageOf(rows, query);
      const own = await database
        .selectFrom("journeys")
        .select(["journey_id", "sealed_identity", "erased_at_milliseconds"])
        .where("journey_id", "in", page.entries.length === 0 ? [""] : page.entries.map(({ journeyId }) => journeyId))
        .where(isKnown<"journeys">(database, caller, "journeys.journey_id"))
        .execute();
      const identities = await openIdentities(database, own.filter((journey) => seesIdentity(caller, journey)));
      const journeys = page.entries.map((row) => ({
        journeyId: row.journeyId,
        chainOfIdentity: identities.get(row.journeyId)?.chainOfIdentity ?? null,
        flow: { name: row.name, version: row.version },
        createdAt: rfc3339FromMilliseconds(row.created_at_milliseconds),
        recorded: row.head !== null,
      }));
      return {
        status: 200,
        headers: linkToNext("/journeys", { perPage: String(query.perPage) }, page.next),
        body: { journeys },
        journeyIds: journeys.map(({ journeyId }) => journeyId),
      };
    },
  });

  const get = operation({
    operationId: "getJourney",
    method: "get",
    path: "/journeys/{journeyId}",
    tag: "journeys",
    summary: "Status: ledger head, custodian, recorded steps, open exceptions, released gates, pending operations",
    parameters: journeyPath,
    responses: { 200: { description: "The status.", schema: statusSchema }, 404: { description: "No such journey." } },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      return { status: 200, body: await journeyStatus(database, caller, journey, await parts.now()) };
    },
  });

  return [openJourneyOperation(parts), list, get];
}

const statusSchema = z.looseObject({
  journeyId: z.string(),
  recorded: z.boolean(),
  head: z.string().nullable(),
  eventCount: z.int(),
  custodian: z.looseObject({ gln: z.string().nullable(), name: z.string().nullable() }).nullable(),
  steps: z.array(
    z.looseObject({ sequence: z.int(), step: z.string().nullable(), occurredAt: momentText, recordedAt: momentText }),
  ),
  openExceptions: z.array(z.looseObject({ code: z.string(), class: z.string() })),
  releasedGates: z.array(z.looseObject({ gate: z.string(), releasedAt: momentText })),
  readingsReceived: z.int(),
  pendingOperations: z.int(),
  refusedOperations: z.array(z.looseObject({ kind: z.string(), error: z.string().nullable() })),
});
