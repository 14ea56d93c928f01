/** A time during which a shipper or a lane is qualified, both ends included. Unix seconds. */
export interface QualificationPeriod {
  from: number;
  until: number;
}

/** What a leg needs of the equipment on it. */
export type EquipmentStatus = "pending" | "compliant" | "not-compliant";

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

/**
 * Whether a leg went, from its start to its end, in qualified shippers over qualified lanes. A shipper's use ends where
 * the next one of the leg begins, or with the leg. `start` and `end` are null while the steps are not recorded.
 * Twin of `EquipmentRegistry.legStatus`.
 */
export function equipmentStatus(
  uses: readonly ShipperUse[],
  leg: { start: number | null; end: number | null },
  handoverToleranceSeconds: number,
): EquipmentStatus {
  if (uses.length === 0) return "pending";
  const times = uses.map(({ assignedAt }) => assignedAt);
  for (const use of uses) {
    const next = times.filter((time) => time > use.assignedAt);
    const to = Math.max(use.assignedAt, Math.min(...next, leg.end ?? (next.length === 0 ? use.assignedAt : Infinity)));
    if (!isShipperQualified(use.shipperQualifications, use.shipperUses, use.assignedAt, to)) return "not-compliant";
    if (!isLaneQualified(use.laneQualifications, use.assignedAt, to)) return "not-compliant";
  }
  if (leg.start === null) return "pending";
  if (Math.min(...times) > leg.start + handoverToleranceSeconds) return "not-compliant";
  return leg.end === null ? "pending" : "compliant";
}
