import type { Kysely } from "kysely";
import { z } from "zod";
import { milestonesOf } from "../../model/custody/index.ts";
import type { ReachedMilestones } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { journeyWithMilestones } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath, momentText, rfc3339, rfc3339FromMilliseconds } from "../schemas/common.ts";

const milestonesSchema = z.strictObject({
  journeyId: z.string(),
  flow: z.strictObject({ name: z.string(), version: z.int() }),
  openedAt: momentText,
  milestones: z.array(
    z.strictObject({
      kind: z.enum(["step", "gate"]),
      name: z.string(),
      title: z.string(),
      status: z.enum(["reached", "pending"]),
      reachedAt: momentText.nullable(),
    }),
  ),
});

/** How far a therapy is: all that a payer sees of it. */
export function milestoneOperations({ database }: OracleParts): Operation[] {
  const get = operation({
    operationId: "getMilestones",
    method: "get",
    path: "/journeys/{journeyId}/milestones",
    tag: "journeys",
    summary: "Steps and gates of the flow in their order, with when the ledger recorded each as reached; nothing of whom or how",
    parameters: journeyPath,
    responses: {
      200: { description: "The milestones.", schema: milestonesSchema },
      404: { description: "No such journey that you take part in or were granted." },
    },
    async handle({ path, caller }) {
      const journey = await journeyWithMilestones(database, caller, path.journeyId);
      const milestones = milestonesOf(journey.flow, await reachedIn(database, path.journeyId));
      return {
        status: 200,
        body: {
          journeyId: path.journeyId,
          flow: { name: journey.flow.name, version: journey.flow.version },
          openedAt: rfc3339FromMilliseconds(journey.created_at_milliseconds),
          milestones: milestones.map(({ reachedAt, ...milestone }) => ({
            ...milestone,
            reachedAt: reachedAt === null ? null : rfc3339(reachedAt),
          })),
        },
      };
    },
  });
  return [get];
}

/** What the ledger recorded first of each; an event that was declared erroneous reached nothing. */
async function reachedIn(database: Kysely<Database>, journeyId: string): Promise<ReachedMilestones> {
  const recorded = await database
    .selectFrom("chain_custody_events")
    .leftJoin("events", "events.commitment", "chain_custody_events.commitment")
    .leftJoin("events as declarations", (join) =>
      join.onRef("declarations.event_hash_index", "=", "events.event_hash_index").on("declarations.is_error_declaration", "=", true),
    )
    .select(["chain_custody_events.step as step", "chain_custody_events.occurred_at as at"])
    .where("chain_custody_events.journey_id", "=", journeyId)
    .where("declarations.event_number", "is", null)
    .orderBy("sequence", "desc")
    .execute();
  const released = await database
    .selectFrom("chain_releases")
    .select(["gate", "released_at"])
    .where("journey_id", "=", journeyId)
    .execute();
  return {
    steps: new Map(recorded.map((row) => [row.step, row.at])),
    gates: new Map(released.map((row) => [row.gate, row.released_at])),
  };
}
