import type { Kysely, Transaction } from "kysely";
import { laneDocumentSchema, shipperDocumentSchema } from "../model/condition/index.ts";
import type { HoldTime, LanePlan } from "../model/condition/index.ts";
import type { Database } from "./schema.ts";

/** A shipper on a leg, with what is known of it. Times in Unix seconds; null where shipper or lane are not registered here. */
export interface LegShipper {
  journeyId: string;
  leg: number;
  grai: string | null;
  lane: string | null;
  assignedAt: number;
  chargedAt: number;
  holdTime: HoldTime | null;
  lanePlan: LanePlan | null;
}

/** Shippers of these journeys' legs, each leg's in the order of time. */
export async function shippersOfJourneys(database: Kysely<Database> | Transaction<Database>, journeyIds: readonly string[]): Promise<LegShipper[]> {
  if (journeyIds.length === 0) return [];
  const rows = await database
    .selectFrom("shipper_assignments")
    .leftJoin("shippers", "shippers.equipment_id", "shipper_assignments.equipment_id")
    .leftJoin("lanes", "lanes.lane_id", "shipper_assignments.lane_id")
    .select(["journey_id", "leg", "assigned_at", "charged_at", "grai", "lane", "shippers.document as shipper", "lanes.document as plan"])
    .where("journey_id", "in", journeyIds)
    .orderBy("assigned_at")
    .orderBy("shipper_assignments.equipment_id")
    .execute();
  return rows.map((row) => ({
    journeyId: row.journey_id,
    leg: row.leg,
    grai: row.grai,
    lane: row.lane,
    assignedAt: row.assigned_at,
    chargedAt: row.charged_at,
    holdTime: row.shipper === null ? null : shipperDocumentSchema.parse(JSON.parse(row.shipper)).holdTime,
    lanePlan: row.plan === null ? null : laneDocumentSchema.parse(JSON.parse(row.plan)),
  }));
}

export async function shippersOfLeg(database: Kysely<Database> | Transaction<Database>, journeyId: string, leg: number): Promise<LegShipper[]> {
  return (await shippersOfJourneys(database, [journeyId])).filter((shipper) => shipper.leg === leg);
}
