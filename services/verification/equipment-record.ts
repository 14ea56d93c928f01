import { EQUIPMENT_CODES, NOTHING_ACCEPTED, equipmentStatus } from "../model/custody/equipment.ts";
import type { EquipmentAcceptances, EquipmentCode, EquipmentStatus, QualificationPeriod, ShipperUse } from "../model/custody/equipment.ts";
import { stepNumber } from "../model/custody/flow.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { EquipmentEvent } from "./ledger-events.ts";

type Assigned = Extract<EquipmentEvent, { name: "ShipperAssigned" }>;

/** Shippers and lanes, their qualification and use, as the logs applied so far have it. */
export interface EquipmentRecord {
  apply(event: EquipmentEvent): void;
  /** A copy that later logs do not change. */
  copy(): EquipmentRecord;
  /** One leg's assignments in the ledger's order. */
  assignmentsOf(journeyId: string, leg: number): Assigned[];
  useOf(assigned: Assigned): ShipperUse;
  /** Twin of `EquipmentRegistry.legStatus`. `recordedSteps`: step number → Unix seconds. */
  statusOfLeg(flow: FlowDefinition, journeyId: string, leg: number, recordedSteps: ReadonlyMap<number, number>): EquipmentStatus;
}

export function createEquipmentRecord(applied: readonly EquipmentEvent[] = []): EquipmentRecord {
  const events: EquipmentEvent[] = [];
  const shippers = new Map<string, QualificationPeriod[]>();
  const lanes = new Map<string, QualificationPeriod[]>();
  const uses = new Map<string, number[]>();
  const assignments: Assigned[] = [];
  const accepted = new Map<string, EquipmentAcceptances>();

  function apply(event: EquipmentEvent): void {
    events.push(event);
    switch (event.name) {
      case "ShipperQualified":
        shippers.set(event.equipmentId, [...(shippers.get(event.equipmentId) ?? []), periodOf(event)]);
        return;
      case "LaneQualified":
        lanes.set(event.laneId, [...(lanes.get(event.laneId) ?? []), periodOf(event)]);
        return;
      case "ShipperAssigned":
        assignments.push(event);
        uses.set(event.equipmentId, [...(uses.get(event.equipmentId) ?? []), event.assignedAt]);
        return;
      case "EquipmentAccepted": {
        const key = legKey(event.journeyId, event.leg);
        const part = EQUIPMENT_CODES[event.code as EquipmentCode] as "shippers" | "lanes" | undefined;
        if (part !== undefined) accepted.set(key, { ...(accepted.get(key) ?? NOTHING_ACCEPTED), [part]: event.assigned });
        return;
      }
      case "ShipperRegistered":
      case "LaneRegistered":
        return;
    }
  }
  applied.forEach(apply);

  const assignmentsOf = (journeyId: string, leg: number) =>
    assignments.filter((assigned) => assigned.journeyId === journeyId && assigned.leg === leg);
  const useOf = ({ equipmentId, laneId, assignedAt }: Assigned): ShipperUse => ({
    assignedAt,
    shipperQualifications: shippers.get(equipmentId) ?? [],
    shipperUses: uses.get(equipmentId) ?? [],
    laneQualifications: lanes.get(laneId) ?? [],
  });
  return {
    apply,
    copy: () => createEquipmentRecord(events),
    assignmentsOf,
    useOf,
    statusOfLeg(flow, journeyId, leg, recordedSteps) {
      const definition = flow.legs[leg];
      if (definition === undefined) return "not-compliant";
      const timeOf = (step: string) => recordedSteps.get(stepNumber(flow, step)) ?? null;
      const times = { start: timeOf(definition.from), end: timeOf(definition.to) };
      const uses = assignmentsOf(journeyId, leg).map(useOf);
      return equipmentStatus(uses, times, flow.handoverToleranceSeconds, accepted.get(legKey(journeyId, leg)));
    },
  };
}

function legKey(journeyId: string, leg: number): string {
  return `${journeyId}/${leg}`;
}

function periodOf({ qualifiedFrom, qualifiedUntil }: { qualifiedFrom: number; qualifiedUntil: number }): QualificationPeriod {
  return { from: qualifiedFrom, until: qualifiedUntil };
}
