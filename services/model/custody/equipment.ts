/** A time during which a shipper or a lane is qualified, both ends included. Unix seconds. */
export interface QualificationPeriod {
  from: number;
  until: number;
}

/** What a leg's shippers and lanes come to; completed: not qualified, and accepted by a qualified person. */
export type EquipmentStatus = "pending" | "compliant" | "not-compliant" | "completed";

/** The exceptions under which what carried a leg may be accepted, each for what it names alone. */
export const EQUIPMENT_CODES = { "shipper-not-qualified": "shippers", "lane-not-qualified": "lanes" } as const;
export type EquipmentCode = keyof typeof EQUIPMENT_CODES;

/** For how many assignments of the leg its shippers, and its lanes, were last accepted; null for never. */
export interface EquipmentAcceptances {
  shippers: number | null;
  lanes: number | null;
}

export const NOTHING_ACCEPTED: EquipmentAcceptances = { shippers: null, lanes: null };

/** A shipper's assignment to a leg, with what is known of shipper and lane. */
export interface ShipperUse {
  assignedAt: number;
  /** Qualifications of the shipper, and every time it was assigned to any leg, this one among them. */
  shipperQualifications: readonly QualificationPeriod[];
  shipperUses: readonly number[];
  laneQualifications: readonly QualificationPeriod[];
}

/**
 * Whether a shipper is qualified for its use over [from, to]: one qualification covers all of it, and since that
 * qualification it was used this once only, for each use asks for requalification. `uses` has the use itself.
 * Twin of `EquipmentRegistry.isShipperQualified`.
 */
export function isShipperQualified(qualifications: readonly QualificationPeriod[], uses: readonly number[], from: number, to: number): boolean {
  return qualifications.some((period) => {
    if (period.from > from || to > period.until) return false;
    return uses.filter((use) => use >= period.from && (use <= from || use < to)).length <= 1;
  });
}

/** Twin of `EquipmentRegistry.isLaneQualified`. */
export function isLaneQualified(qualifications: readonly QualificationPeriod[], from: number, to: number): boolean {
  return qualifications.some((period) => period.from <= from && to <= period.until);
}

/** What a leg's shippers and lanes are found to be, whatever was accepted of it. Twin of `EquipmentRegistry._finding`. */
interface EquipmentFinding {
  isOver: boolean;
  shippersFail: boolean;
  lanesFail: boolean;
}

/** When a leg began and ended by its steps; null while they are not recorded. */
export interface LegTimes {
  start: number | null;
  end: number | null;
}

/**
 * Whether a leg went, from its start to its end, in qualified shippers over qualified lanes. A shipper's use ends where
 * the next one of the leg begins, or with the leg. An acceptance stands while nothing more is assigned to the leg.
 * Twin of `EquipmentRegistry.legStatus`.
 */
export function equipmentStatus(
  uses: readonly ShipperUse[],
  leg: LegTimes,
  handoverToleranceSeconds: number,
  accepted: EquipmentAcceptances = NOTHING_ACCEPTED,
): EquipmentStatus {
  const { isOver, shippersFail, lanesFail } = findingOf(uses, leg, handoverToleranceSeconds);
  const shippersHold = shippersFail && accepted.shippers !== uses.length;
  if (uses.length === 0 && (shippersHold || !isOver)) return "pending";
  if (shippersHold || (lanesFail && accepted.lanes !== uses.length)) return "not-compliant";
  if (!isOver) return "pending";
  return shippersFail || lanesFail ? "completed" : "compliant";
}

function findingOf(uses: readonly ShipperUse[], leg: LegTimes, handoverToleranceSeconds: number): EquipmentFinding {
  const times = uses.map(({ assignedAt }) => assignedAt);
  const isLate = leg.start !== null && Math.min(...times) > leg.start + handoverToleranceSeconds;
  const found = { isOver: leg.start !== null && leg.end !== null, shippersFail: isLate, lanesFail: false };
  for (const use of uses) {
    const next = times.filter((time) => time > use.assignedAt);
    const to = Math.max(use.assignedAt, Math.min(...next, leg.end ?? (next.length === 0 ? use.assignedAt : Infinity)));
    if (!isShipperQualified(use.shipperQualifications, use.shipperUses, use.assignedAt, to)) found.shippersFail = true;
    if (!isLaneQualified(use.laneQualifications, use.assignedAt, to)) found.lanesFail = true;
  }
  return found;
}
