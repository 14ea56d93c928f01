import { z } from "zod";
import { laneDocumentSchema } from "../../model/condition/index.ts";
import { assignShipper } from "../equipment/assign-shipper.ts";
import { shippersOfLeg } from "../../store/leg-shippers.ts";
import { graiSchema } from "../schemas/equipment.ts";
import type { Caller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { legOf } from "../journeys/leg-of.ts";
import { anyJourney, maySeeJourney, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { exceptionAnswerSchema } from "../schemas/exception-answer.ts";
import { hash32Schema, momentSchema, momentText, nameSchema, rfc3339 } from "../schemas/common.ts";

const legPath = z.strictObject({ journeyId: hash32Schema, leg: nameSchema });
const assignedSchema = z.strictObject({
  leg: z.string(),
  grai: z.string().nullable(),
  lane: z.string().nullable(),
  assignedAt: momentText,
  chargedAt: momentText,
});

/** Puts a shipper on a leg. One that is not qualified is recorded with an exception, not turned away. */
export function legShipperOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const assign = operation({
    operationId: "assignShipper",
    method: "post",
    path: "/journeys/{journeyId}/legs/{leg}/shipper",
    tag: "equipment",
    summary: "Record that a shipper goes on a leg over a lane (who acts in the journey, the shipper's owner, or the operator)",
    parameters: legPath,
    body: z
      .strictObject({
        grai: graiSchema,
        lane: laneDocumentSchema.shape.lane,
        assignedAt: momentSchema,
        chargedAt: momentSchema.optional().meta({ description: "When it was filled with liquid nitrogen; when it was assigned, if not told" }),
      })
      .refine(({ assignedAt, chargedAt }) => chargedAt === undefined || chargedAt <= assignedAt, {
        path: ["chargedAt"],
        message: "a shipper is charged before it is assigned",
      }),
    responses: {
      200: { description: "On record already; nothing was added.", schema: assignedSchema },
      201: {
        description: "Recorded; exceptions are named when shipper or lane are not qualified then.",
        schema: assignedSchema.extend({ exceptions: z.array(exceptionAnswerSchema) }),
      },
      404: { description: "No such journey or leg." },
    },
    async handle({ path, body, caller }) {
      if (!(await mayAssign(caller, path.journeyId, body.grai))) await visibleJourney(database, caller, path.journeyId);
      const journey = await anyJourney(database, path.journeyId);
      const { leg } = legOf(journey.flow, path.leg);
      const chargedAt = body.chargedAt ?? body.assignedAt;
      const { grai, lane, assignedAt } = body;
      const assignment = { journeyId: path.journeyId, leg, legName: path.leg, grai, lane, assignedAt, chargedAt };
      const exceptions = await database.transaction().execute((transaction) => assignShipper(transaction, assignment));
      const answer = { leg: path.leg, grai, lane, assignedAt: rfc3339(assignedAt), chargedAt: rfc3339(chargedAt) };
      if (exceptions === null) return { status: 200, body: answer };
      parts.onOperation();
      await tellTelemetry(path.journeyId, leg);
      return { status: 201, body: { ...answer, exceptions } };
    },
  });

  const get = operation({
    operationId: "getLegShippers",
    method: "get",
    path: "/journeys/{journeyId}/legs/{leg}/shipper",
    tag: "equipment",
    summary: "Shippers of a leg in the order of time",
    parameters: legPath,
    responses: {
      200: { description: "The leg's shippers.", schema: z.strictObject({ shippers: z.array(assignedSchema) }) },
      404: { description: "No such journey or leg." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const shippers = await shippersOfLeg(database, path.journeyId, legOf(journey.flow, path.leg).leg);
      const shown = shippers.map(({ grai, lane, assignedAt, chargedAt }) => ({
        leg: path.leg,
        grai,
        lane,
        assignedAt: rfc3339(assignedAt),
        chargedAt: rfc3339(chargedAt),
      }));
      return { status: 200, body: { shippers: shown } };
    },
  });

  async function mayAssign(caller: Caller, journeyId: string, grai: string): Promise<boolean> {
    if (caller.kind === "operator" || (await maySeeJourney(database, caller, journeyId))) return true;
    const row = await database.selectFrom("shippers").select("owner_participant_id").where("grai", "=", grai).executeTakeFirst();
    return row?.owner_participant_id === caller.participantId;
  }

  /** The assignment is durable; a bridge that cannot be told now learns of it at its next sweep. */
  async function tellTelemetry(journeyId: string, leg: number): Promise<void> {
    const device = await database.selectFrom("leg_assignments").select("giai").where("journey_id", "=", journeyId).where("leg", "=", leg).executeTakeFirst();
    if (device === undefined) return;
    await parts.assignmentChanged(device.giai).catch((error: unknown) => {
      parts.logger.warn({ err: error, giai: device.giai }, "the telemetry bridge was not told of a shipper");
    });
  }

  return [assign, get];
}
