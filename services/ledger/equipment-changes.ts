import { bytes32ToCode } from "../model/custody/identifiers.ts";
import type { ChainEquipmentAcceptanceRow, ChainQualificationRow, ChainShipperAssignmentRow } from "../store/equipment-rows.ts";
import type { ChainChanges, Collect } from "./chain-changes.ts";
import type { LogEntry } from "./log-entry.ts";

const count = (value: unknown): number => Number(value as bigint);
const text = (value: unknown): string => value as string;

/** What the logs of `EquipmentRegistry` do to the read model. */
export const EQUIPMENT_COLLECTORS: Record<string, Collect> = {
  ShipperRegistered(changes, { event: { args } }) {
    const equipment_id = text(args["equipmentId"]);
    changes.shippers.push({ equipment_id, owner: text(args["owner"]), document_hash: text(args["documentHash"]) });
    changes.keys.push(`shipper:${equipment_id}`);
    announce(changes, null, { kind: "register-shipper", equipmentId: equipment_id });
  },
  LaneRegistered(changes, { event: { args } }) {
    const lane_id = text(args["laneId"]);
    changes.lanes.push({ lane_id, document_hash: text(args["documentHash"]) });
    changes.keys.push(`lane:${lane_id}`);
    announce(changes, null, { kind: "register-lane", laneId: lane_id });
  },
  ShipperQualified(changes, entry) {
    const row = qualified(changes, "shipper", text(entry.event.args["equipmentId"]), entry);
    announce(changes, null, { kind: "qualify-shipper", equipmentId: row.subject_id });
  },
  LaneQualified(changes, entry) {
    const row = qualified(changes, "lane", text(entry.event.args["laneId"]), entry);
    announce(changes, null, { kind: "qualify-lane", laneId: row.subject_id });
  },
  ShipperAssigned(changes, { event: { args }, transactionHash }) {
    const row: ChainShipperAssignmentRow = {
      journey_id: text(args["journeyId"]),
      leg: count(args["leg"]),
      equipment_id: text(args["equipmentId"]),
      lane_id: text(args["laneId"]),
      assigned_at: count(args["assignedAt"]),
      transaction_hash: transactionHash,
    };
    changes.shipperAssignments.push(row);
    changes.keys.push(`shipper-assignment:${row.journey_id}:${row.leg}:${row.equipment_id}:${row.assigned_at}`);
    announce(changes, row.journey_id, { kind: "assign-shipper", leg: row.leg, equipmentId: row.equipment_id });
  },
  EquipmentAccepted(changes, { event: { args }, blockTime, transactionHash }) {
    const row: ChainEquipmentAcceptanceRow = {
      journey_id: text(args["journeyId"]),
      leg: count(args["leg"]),
      code: bytes32ToCode(text(args["code"])),
      assignments: count(args["assigned"]),
      exception_number: count(args["exceptionNumber"]),
      participant_index: count(args["participant"]),
      signer: text(args["signer"]).toLowerCase(),
      signed_at: count(args["signedAt"]),
      recorded_at: blockTime,
      transaction_hash: transactionHash,
    };
    changes.equipmentAcceptances.push(row);
    changes.keys.push(`equipment-acceptance:${row.journey_id}:${row.leg}:${row.assignments}:${row.exception_number}`);
    const { leg, code, assignments, exception_number: exceptionNumber, participant_index: participantIndex } = row;
    changes.notifications.push({ type: "equipment-acceptance", journeyId: row.journey_id, data: { leg, code, assignments, exceptionNumber, participantIndex } });
  },
};

function qualified(changes: ChainChanges, kind: ChainQualificationRow["kind"], subjectId: string, { event: { args }, transactionHash }: LogEntry) {
  const row: ChainQualificationRow = {
    kind,
    subject_id: subjectId,
    qualified_from: count(args["qualifiedFrom"]),
    qualified_until: count(args["qualifiedUntil"]),
    certificate_hash: text(args["certificateHash"]),
    transaction_hash: transactionHash,
  };
  changes.qualifications.push(row);
  changes.keys.push(`${kind}-qualification:${row.subject_id}:${row.qualified_from}:${row.qualified_until}`);
  return row;
}

function announce(changes: ChainChanges, journeyId: string | null, data: Record<string, unknown>): void {
  changes.notifications.push({ type: "operation", journeyId, data });
}
