import type { Transaction } from "kysely";
import { equipmentIdOf, isLaneQualified, isShipperQualified, laneIdOf } from "../../model/custody/index.ts";
import type { ExceptionCode, QualificationPeriod } from "../../model/custody/index.ts";
import { recordException } from "../../store/exception-details.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import type { Database } from "../../store/schema.ts";
import { exceptionAnswer } from "../schemas/exception-answer.ts";
import { rfc3339 } from "../schemas/common.ts";
import { qualificationsOf, usesOf } from "./register.ts";

/** A shipper that goes on a leg. Times in Unix seconds. */
export interface ShipperAssignment {
  journeyId: string;
  leg: number;
  legName: string;
  grai: string;
  lane: string;
  assignedAt: number;
  chargedAt: number;
}

type ExceptionShown = ReturnType<typeof exceptionAnswer>;

/**
 * Records that a shipper goes on a leg, whatever its state: a fact. What is not qualified then has its exception beside
 * it, and so has a later use that this one, recorded late, takes the qualification from. Null: it is on record already.
 */
export async function assignShipper(transaction: Transaction<Database>, assignment: ShipperAssignment): Promise<ExceptionShown[] | null> {
  const { journeyId, leg, grai, lane, assignedAt, chargedAt } = assignment;
  const equipmentId = equipmentIdOf(grai);
  const laneId = laneIdOf(lane);
  // Two assignments of one shipper at the same moment wait for each other, so that one of them sees the other.
  await transaction.selectFrom("shippers").select("grai").where("equipment_id", "=", equipmentId).forUpdate().execute();
  const inserted = await transaction
    .insertInto("shipper_assignments")
    .values({ journey_id: journeyId, leg, equipment_id: equipmentId, lane_id: laneId, assigned_at: assignedAt, charged_at: chargedAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning("leg")
    .executeTakeFirst();
  if (inserted === undefined) return null;
  await enqueueOperation(transaction, {
    idempotencyKey: `assign-shipper:${journeyId}:${leg}:${equipmentId}:${assignedAt}`,
    kind: "assign-shipper",
    journeyId,
    payload: { journeyId, leg, equipmentId, laneId, assignedAt },
  });
  const found: ExceptionShown[] = [];
  const shipper = await unqualifiedUse(transaction, equipmentId, assignedAt);
  if (shipper !== null)
    found.push(await raise(transaction, assignment, "shipper-not-qualified", { observed: grai, limit: shipper, message: `The shipper ${grai} is not qualified at ${rfc3339(assignedAt)}: ${shipper}.` }));
  const laneState = await unqualifiedLane(transaction, laneId, assignedAt);
  if (laneState !== null)
    found.push(await raise(transaction, assignment, "lane-not-qualified", { observed: lane, limit: laneState, message: `The lane "${lane}" is not qualified at ${rfc3339(assignedAt)}: ${laneState}.` }));
  await raiseForLaterUses(transaction, assignment, equipmentId);
  return found;
}

/** Why a use beginning then is not a qualified one; null when it is. */
async function unqualifiedUse(transaction: Transaction<Database>, equipmentId: string, at: number): Promise<string | null> {
  const qualifications = await qualificationsOf(transaction, equipmentId);
  const uses = (await usesOf(transaction, equipmentId)).map((use) => use.assigned_at);
  if (isShipperQualified(qualifications, uses, at, at)) return null;
  if (qualifications.length === 0) return "it was never qualified";
  return covers(qualifications, at) ? "it was used since its last qualification and has to be requalified" : "no qualification covers that time";
}

async function unqualifiedLane(transaction: Transaction<Database>, laneId: string, at: number): Promise<string | null> {
  const qualifications = await qualificationsOf(transaction, laneId);
  if (isLaneQualified(qualifications, at, at)) return null;
  return qualifications.length === 0 ? "it was never qualified" : "no qualification covers that time";
}

function covers(qualifications: readonly QualificationPeriod[], at: number): boolean {
  return qualifications.some(({ from, until }) => from <= at && at <= until);
}

async function raiseForLaterUses(transaction: Transaction<Database>, assignment: ShipperAssignment, equipmentId: string): Promise<void> {
  const uses = await usesOf(transaction, equipmentId);
  for (const use of uses) {
    if (use.assigned_at < assignment.assignedAt || (use.journey_id === assignment.journeyId && use.leg === assignment.leg)) continue;
    const state = await unqualifiedUse(transaction, equipmentId, use.assigned_at);
    if (state === null) continue;
    const other = { ...assignment, journeyId: use.journey_id, leg: use.leg, assignedAt: use.assigned_at };
    const message = `The shipper ${assignment.grai} is not qualified at ${rfc3339(use.assigned_at)}: ${state}.`;
    await raise(transaction, other, "shipper-not-qualified", { observed: assignment.grai, limit: state, message });
  }
}

async function raise(
  transaction: Transaction<Database>,
  { journeyId, leg, legName, assignedAt }: ShipperAssignment,
  code: ExceptionCode,
  values: { observed: string; limit: string; message: string },
): Promise<ExceptionShown> {
  const shown = { ...values, unit: "qualification" };
  await recordException(transaction, { journeyId, code, leg, occurredAt: assignedAt, ...shown, key: `leg:${leg}:${values.observed}:${assignedAt}` });
  return exceptionAnswer(code, { leg: legName, occurredAt: assignedAt, ...shown });
}
