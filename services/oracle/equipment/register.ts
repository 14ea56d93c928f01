import type { Kysely, Selectable, Transaction } from "kysely";
import { shipperDocumentSchema } from "../../model/condition/index.ts";
import { isLaneQualified, isShipperQualified, laneIdOf } from "../../model/custody/index.ts";
import type { QualificationPeriod } from "../../model/custody/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import type { Database, LedgerOperationKind } from "../../store/schema.ts";
import type { Caller } from "../http/caller.ts";
import { isVisible } from "../journeys/visible.ts";
import { flowOf } from "../capture/load-facts.ts";
import { rfc3339 } from "../schemas/common.ts";

type Queryable = Kysely<Database> | Transaction<Database>;

/** Qualifications of a shipper or a lane, by the id the ledger knows it by. */
export async function qualificationsOf(database: Queryable, subjectId: string): Promise<(QualificationPeriod & { certificateHash: string })[]> {
  const rows = await database
    .selectFrom("qualifications")
    .selectAll()
    .where("subject_id", "=", subjectId)
    .orderBy("qualified_from")
    .orderBy("qualified_until")
    .execute();
  return rows.map((row) => ({ from: row.qualified_from, until: row.qualified_until, certificateHash: row.certificate_hash }));
}

/** Every use of a shipper, in the order of time. */
export async function usesOf(database: Queryable, equipmentId: string) {
  return database.selectFrom("shipper_assignments").selectAll().where("equipment_id", "=", equipmentId).orderBy("assigned_at").execute();
}

/** Stores a qualification and tells the ledger; one that is known already changes nothing. */
export async function qualify(
  transaction: Transaction<Database>,
  subject: { kind: Extract<LedgerOperationKind, "qualify-shipper" | "qualify-lane">; member: "equipmentId" | "laneId"; id: string },
  period: { qualifiedFrom: number; qualifiedUntil: number; certificateHash: string },
): Promise<void> {
  const { qualifiedFrom, qualifiedUntil, certificateHash } = period;
  await transaction
    .insertInto("qualifications")
    .values({
      subject_id: subject.id,
      qualified_from: qualifiedFrom,
      qualified_until: qualifiedUntil,
      certificate_hash: certificateHash,
      created_at_milliseconds: Date.now(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await enqueueOperation(transaction, {
    idempotencyKey: `${subject.kind}:${subject.id}:${qualifiedFrom}:${qualifiedUntil}`,
    kind: subject.kind,
    journeyId: null,
    payload: { [subject.member]: subject.id, qualifiedFrom, qualifiedUntil, certificateHash },
  });
}

export function periodsShown(periods: readonly (QualificationPeriod & { certificateHash: string })[]) {
  return periods.map(({ from, until, certificateHash }) => ({ qualifiedFrom: rfc3339(from), qualifiedUntil: rfc3339(until), certificateHash }));
}

/** A shipper with its history: qualifications and uses, those of journeys the caller may not see without their names. */
export async function shipperView(database: Kysely<Database>, row: Selectable<Database["shippers"]> & { gln: string | null }, caller: Caller, nowSeconds: number) {
  const { model, holdTime } = shipperDocumentSchema.parse(JSON.parse(row.document));
  const qualifications = await qualificationsOf(database, row.equipment_id);
  const uses = await usesOf(database, row.equipment_id);
  const times = uses.map((use) => use.assigned_at);
  const visible = await visibleAmong(database, caller, uses.map((use) => use.journey_id));
  const lanes = new Map((await database.selectFrom("lanes").select(["lane_id", "lane"]).execute()).map(({ lane_id, lane }) => [lane_id, lane]));
  const lastQualified = Math.max(-1, ...qualifications.map(({ from }) => from));
  return {
    grai: row.grai,
    equipmentId: row.equipment_id,
    documentHash: row.document_hash,
    ownerGln: row.gln,
    model,
    holdTime,
    qualifiedNow: isShipperQualified(qualifications, [...times, nowSeconds], nowSeconds, nowSeconds),
    requalificationDue: times.some((time) => time >= lastQualified),
    qualifications: periodsShown(qualifications),
    uses: uses.map((use) => ({
      journeyId: visible.has(use.journey_id) ? use.journey_id : null,
      leg: visible.get(use.journey_id)?.[use.leg] ?? null,
      lane: lanes.get(use.lane_id) ?? null,
      assignedAt: rfc3339(use.assigned_at),
      qualified: isShipperQualified(qualifications, times, use.assigned_at, use.assigned_at),
    })),
  };
}

export async function laneView(database: Kysely<Database>, row: Selectable<Database["lanes"]>, nowSeconds: number) {
  const document = JSON.parse(row.document) as { title: string; plannedSeconds: number; holdTimeMargin: number };
  const qualifications = await qualificationsOf(database, laneIdOf(row.lane));
  return {
    lane: row.lane,
    laneId: row.lane_id,
    documentHash: row.document_hash,
    title: document.title,
    plannedSeconds: document.plannedSeconds,
    holdTimeMargin: document.holdTimeMargin,
    qualifiedNow: isLaneQualified(qualifications, nowSeconds, nowSeconds),
    qualifications: periodsShown(qualifications),
  };
}

/** Names of the legs of those journeys the caller may see. */
async function visibleAmong(database: Kysely<Database>, caller: Caller, journeyIds: readonly string[]): Promise<Map<string, string[]>> {
  if (journeyIds.length === 0) return new Map();
  const rows = await database
    .selectFrom("journeys")
    .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
    .select(["journeys.journey_id", "flows.document_hash", "flows.document"])
    .where("journeys.journey_id", "in", [...new Set(journeyIds)])
    .where(isVisible<"journeys">(database, caller, "journeys.journey_id") as never)
    .execute();
  return new Map(rows.map((row) => [row.journey_id, flowOf(row.document_hash, row.document).legs.map(({ leg }) => leg)]));
}
