import type { Transaction } from "kysely";
import { z } from "zod";
import { deviceIdOf, legNumber } from "../../model/custody/index.ts";
import type { ExceptionCode } from "../../model/custody/index.ts";
import { recordException } from "../../store/exception-details.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import type { Database } from "../../store/schema.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { anyJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { exceptionAnswer, exceptionAnswerSchema } from "../schemas/exception-answer.ts";
import { giaiSchema, hash32Schema, momentSchema, momentText, nameSchema, rfc3339 } from "../schemas/common.ts";

const assignedSchema = z.strictObject({
  leg: z.string(),
  giai: z.string(),
  assignedFrom: momentText,
  exception: exceptionAnswerSchema.optional(),
});

interface Assignment {
  journeyId: string;
  leg: number;
  legName: string;
  giai: string;
  assignedFrom: number;
}

/** Puts a data logger on a leg. A logger that is not fit is recorded as an exception, not quietly turned away. */
export function legDeviceOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const assign = operation({
    operationId: "assignDevice",
    method: "post",
    path: "/journeys/{journeyId}/legs/{leg}/device",
    tag: "condition",
    summary: "Assign a data logger to a leg from a time on (its owner, or the operator)",
    parameters: z.strictObject({ journeyId: hash32Schema, leg: nameSchema }),
    body: z.strictObject({ giai: giaiSchema, assignedFrom: momentSchema }),
    responses: {
      201: {
        description: "Assigned; an exception is named when the device is not calibrated then.",
        schema: assignedSchema,
      },
      403: { description: "Not the device's owner." },
      404: { description: "No such journey or leg." },
      409: {
        description: "The leg has a device, or the device is not enrolled: then the exception recorded is named.",
      },
    },
    async handle({ path, body, caller }) {
      const journey = await anyJourney(database, path.journeyId);
      const leg = legNumber(journey.flow, path.leg);
      if (leg < 0) throw problem(404, "unknown-leg", `the flow "${journey.flow.name}" has no leg "${path.leg}"`);
      const assignment: Assignment = { journeyId: path.journeyId, leg, legName: path.leg, ...body };
      const device = await database.selectFrom("devices").selectAll().where("giai", "=", body.giai).executeTakeFirst();
      if (device !== undefined && caller.kind === "participant" && device.owner_participant_id !== caller.participantId)
        throw problem(403, "not-owner", `only the owner of ${body.giai} or the operator assigns it`);
      if (device === undefined || (await isRevoked(body.giai, body.assignedFrom))) throw await notEnrolled(assignment);
      const calibrated = device.calibrated_from <= body.assignedFrom && body.assignedFrom < device.calibrated_until;
      const exception = await database.transaction().execute(async (transaction) => {
        if (!(await assigned(transaction, assignment))) return "taken" as const;
        if (calibrated) return undefined;
        const limit = `${rfc3339(device.calibrated_from)}/${rfc3339(device.calibrated_until)}`;
        const message = `${body.giai} is not calibrated at ${rfc3339(body.assignedFrom)}.`;
        return raise(transaction, assignment, "device-not-calibrated", {
          observed: rfc3339(body.assignedFrom),
          limit,
          unit: "calibration interval",
          message,
        });
      });
      if (exception === "taken") throw await legTaken(assignment);
      parts.onOperation();
      // The assignment is durable; a bridge that cannot be told now learns of it when it is back.
      await parts.assignmentChanged(body.giai).catch((error: unknown) => {
        parts.logger.warn({ err: error, giai: body.giai }, "the telemetry bridge was not told of an assignment");
      });
      const answer = { leg: path.leg, giai: body.giai, assignedFrom: rfc3339(body.assignedFrom) };
      return { status: 201, body: exception === undefined ? answer : { ...answer, exception } };
    },
  });

  async function notEnrolled(assignment: Assignment) {
    const message = `${assignment.giai} is not an enrolled device; its readings are no evidence.`;
    const values = { observed: assignment.giai, limit: "an enrolled device", unit: "device", message };
    const exception = await database
      .transaction()
      .execute((transaction) => raise(transaction, assignment, "device-not-enrolled", values));
    parts.onOperation();
    return problem(
      409,
      "device-not-enrolled",
      `${message} The exception is recorded; enrol the device or assign another.`,
      { exception },
    );
  }

  /** Revoked on the ledger, or about to be. */
  async function isRevoked(giai: string, at: number): Promise<boolean> {
    const deviceId = deviceIdOf(giai);
    const recorded = await database
      .selectFrom("chain_devices")
      .select("revoked_from")
      .where("device_id", "=", deviceId)
      .executeTakeFirst();
    const revokedFrom = recorded?.revoked_from ?? 0;
    if (revokedFrom > 0 && revokedFrom <= at) return true;
    const waiting = await database
      .selectFrom("ledger_operations")
      .select("payload")
      .where("kind", "=", "revoke-device")
      .where("idempotency_key", "like", `revoke-device:${deviceId}:%`)
      .where("status", "!=", "refused")
      .execute();
    return waiting.some((row) => (JSON.parse(row.payload) as { revokedFrom: number }).revokedFrom <= at);
  }

  async function legTaken(assignment: Assignment) {
    const existing = await database
      .selectFrom("leg_assignments")
      .select(["giai", "assigned_from"])
      .where("journey_id", "=", assignment.journeyId)
      .where("leg", "=", assignment.leg)
      .executeTakeFirst();
    const shown =
      existing === undefined ? undefined : { giai: existing.giai, assignedFrom: rfc3339(existing.assigned_from) };
    return problem(
      409,
      "leg-has-device",
      `the leg "${assignment.legName}" has the device ${shown?.giai ?? "of another"} already`,
      { existing: shown },
    );
  }

  return [assign];
}

async function assigned(
  transaction: Transaction<Database>,
  { journeyId, leg, giai, assignedFrom }: Assignment,
): Promise<boolean> {
  const inserted = await transaction
    .insertInto("leg_assignments")
    .values({ journey_id: journeyId, leg, giai, assigned_from: assignedFrom })
    .onConflict((conflict) => conflict.doNothing())
    .returning("leg")
    .executeTakeFirst();
  if (inserted === undefined) return false;
  await enqueueOperation(transaction, {
    idempotencyKey: `assign:${journeyId}:${leg}`,
    kind: "assign-device",
    journeyId,
    payload: { journeyId, leg, deviceId: deviceIdOf(giai), assignedFrom },
  });
  return true;
}

async function raise(
  transaction: Transaction<Database>,
  assignment: Assignment,
  code: ExceptionCode,
  values: { observed: string; limit: string; unit: string; message: string },
) {
  const { journeyId, leg, giai, assignedFrom } = assignment;
  await recordException(transaction, {
    journeyId,
    code,
    leg,
    occurredAt: assignedFrom,
    ...values,
    key: `leg:${leg}:${giai}`,
  });
  return exceptionAnswer(code, { leg: assignment.legName, occurredAt: assignedFrom, ...values });
}
