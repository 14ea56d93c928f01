import type { Kysely } from "kysely";
import { flowSchema, profileOfLeg, stepNumber } from "../model/custody/flow.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { ConditionProfile } from "../model/condition/index.ts";
import { shippersOfJourneys } from "../store/leg-shippers.ts";
import type { LegShipper } from "../store/leg-shippers.ts";
import type { Database } from "../store/schema.ts";

/** A leg with a device on it, and what is known of its start and end. Times in Unix seconds. */
export interface AssignedLeg {
  /** `{journeyId}/{leg}` */
  key: string;
  journeyId: string;
  leg: number;
  giai: string;
  ownerGln: string | null;
  assignedFrom: number;
  profile: ConditionProfile;
  /** Shippers of the leg in the order of time. */
  shippers: readonly LegShipper[];
  /** Whether the flow wants the leg in a shipper. */
  wantsShipper: boolean;
  handoverToleranceSeconds: number;
  startedAt: number | null;
  endedAt: number | null;
  /** When start and end were captured, in milliseconds. */
  startRecordedAtMilliseconds: number | null;
  endRecordedAtMilliseconds: number | null;
}

export interface LegDirectory {
  /** Reads assignments, flows and captured steps anew; returns the legs that were not known before. */
  refresh(): Promise<AssignedLeg[]>;
  legs(): AssignedLeg[];
  legsOf(giai: string): AssignedLeg[];
  find(journeyId: string, leg: number): AssignedLeg | undefined;
}

export function legKey(journeyId: string, leg: number): string {
  return `${journeyId}/${leg}`;
}

export function createLegDirectory(database: Kysely<Database>): LegDirectory {
  const flows = new Map<string, FlowDefinition>();
  let legs = new Map<string, AssignedLeg>();

  async function flow(hash: string): Promise<FlowDefinition | undefined> {
    const known = flows.get(hash);
    if (known !== undefined) return known;
    const row = await database.selectFrom("flows").select("document").where("document_hash", "=", hash).executeTakeFirst();
    if (row === undefined) return undefined;
    const parsed = flowSchema.parse(JSON.parse(row.document));
    flows.set(hash, parsed);
    return parsed;
  }

  /** First capture of each step of these journeys. */
  async function capturedSteps(journeyIds: readonly string[]) {
    if (journeyIds.length === 0) return new Map<string, { at: number; recorded: number }>();
    const rows = await database
      .selectFrom("events")
      .select((columns) => [
        "journey_id as journeyId",
        "step",
        columns.fn.min("event_time_milliseconds").as("first"),
        columns.fn.min("record_time_milliseconds").as("recorded"),
      ])
      .where("is_error_declaration", "=", false)
      .where("step", "is not", null)
      .where("journey_id", "in", journeyIds)
      .groupBy(["journey_id", "step"])
      .execute();
    return new Map(rows.map((row) => [`${row.journeyId}/${row.step}`, { at: Number(row.first) / 1000, recorded: Number(row.recorded) }]));
  }

  async function refresh(): Promise<AssignedLeg[]> {
    const rows = await database
      .selectFrom("leg_assignments")
      .innerJoin("journeys", "journeys.journey_id", "leg_assignments.journey_id")
      .leftJoin("devices", "devices.giai", "leg_assignments.giai")
      .leftJoin("participants", "participants.participant_id", "devices.owner_participant_id")
      .select(["leg_assignments.journey_id", "leg", "leg_assignments.giai", "assigned_from", "flow_document_hash", "participants.gln"])
      .execute();
    const shippers = new Map<string, LegShipper[]>();
    for (const shipper of await shippersOfJourneys(database, [...new Set(rows.map((row) => row.journey_id))])) {
      const key = legKey(shipper.journeyId, shipper.leg);
      shippers.set(key, [...(shippers.get(key) ?? []), shipper]);
    }
    // A leg whose end was captured does not change any more, but for a shipper recorded late.
    const ended = (row: { journey_id: string; leg: number; giai: string; assigned_from: number }) => {
      const known = legs.get(legKey(row.journey_id, row.leg));
      if (known === undefined || known.endedAt === null || known.startedAt === null) return null;
      const isSame = known.giai === row.giai && known.assignedFrom === row.assigned_from;
      return isSame && known.shippers.length === (shippers.get(known.key)?.length ?? 0) ? known : null;
    };
    const steps = await capturedSteps([...new Set(rows.filter((row) => ended(row) === null).map((row) => row.journey_id))]);
    const next = new Map<string, AssignedLeg>();
    for (const row of rows) {
      const known = ended(row);
      if (known !== null) {
        next.set(known.key, known);
        continue;
      }
      const definition = await flow(row.flow_document_hash);
      const flowLeg = definition?.legs[row.leg];
      if (definition === undefined || flowLeg === undefined) continue;
      const start = steps.get(`${row.journey_id}/${stepNumber(definition, flowLeg.from)}`);
      const end = steps.get(`${row.journey_id}/${stepNumber(definition, flowLeg.to)}`);
      const key = legKey(row.journey_id, row.leg);
      next.set(key, {
        key,
        journeyId: row.journey_id,
        leg: row.leg,
        giai: row.giai,
        ownerGln: row.gln,
        assignedFrom: row.assigned_from,
        profile: profileOfLeg(definition, flowLeg),
        shippers: shippers.get(key) ?? [],
        wantsShipper: flowLeg.shipper,
        handoverToleranceSeconds: definition.handoverToleranceSeconds,
        startedAt: start?.at ?? null,
        endedAt: end?.at ?? null,
        startRecordedAtMilliseconds: start?.recorded ?? null,
        endRecordedAtMilliseconds: end?.recorded ?? null,
      });
    }
    const added = [...next.values()].filter((leg) => !legs.has(leg.key));
    legs = next;
    return added;
  }

  return {
    refresh,
    legs: () => [...legs.values()],
    legsOf: (giai) => [...legs.values()].filter((leg) => leg.giai === giai),
    find: (journeyId, leg) => legs.get(legKey(journeyId, leg)),
  };
}

/**
 * The leg a reading at `seconds` belongs to: assigned by then and not yet ended; of several one that has started, the
 * latest start first, then the latest assignment, then the lowest number.
 */
export function legAt(legs: readonly AssignedLeg[], seconds: number): AssignedLeg | null {
  const startOf = (leg: AssignedLeg) => (leg.startedAt !== null && leg.startedAt <= seconds ? leg.startedAt : -1);
  const candidates = legs.filter((leg) => leg.assignedFrom <= seconds && (leg.endedAt === null || seconds <= leg.endedAt));
  return candidates.sort((left, right) => startOf(right) - startOf(left) || right.assignedFrom - left.assignedFrom || left.leg - right.leg)[0] ?? null;
}

/** The leg a device watches now: one under way, else one to come, else the last that ended (its readings may come late). */
export function presentLeg(legs: readonly AssignedLeg[]): AssignedLeg | null {
  const rank = (leg: AssignedLeg) => (leg.endedAt !== null ? 0 : leg.startedAt !== null ? 2 : 1);
  const order = (left: AssignedLeg, right: AssignedLeg) =>
    rank(right) - rank(left) ||
    (right.startedAt ?? 0) - (left.startedAt ?? 0) ||
    right.assignedFrom - left.assignedFrom ||
    (rank(left) === 0 ? right.leg - left.leg : left.leg - right.leg);
  return [...legs].sort(order)[0] ?? null;
}
