import { bytes32ToCode } from "../model/custody/identifiers.ts";
import { EXCEPTION_STAGES } from "../model/custody/exception-lifecycle.ts";
import { EXCEPTION_CLASSES } from "../model/custody/exceptions.ts";
import type { Notification } from "../store/notifications.ts";
import type { ChainEquipmentAcceptanceRow, ChainLaneRow, ChainQualificationRow, ChainShipperAssignmentRow, ChainShipperRow } from "../store/equipment-rows.ts";
import type { ChainBatchProofRow, ChainSpecificationRow } from "../store/batch-schema.ts";
import type {
  ChainAccessGrantRow,
  ChainAuditAnchorRow,
  ChainAssignmentRow,
  ChainCustodyEventRow,
  ChainDeviceRow,
  ChainExceptionRow,
  ChainExceptionTransitionRow,
  ChainFlowRow,
  ChainIdentityCheckRow,
  ChainJourneyRow,
  ChainParticipantRow,
  ChainReleaseRow,
  ChainSegmentRow,
} from "../store/chain-schema.ts";
import { EQUIPMENT_COLLECTORS } from "./equipment-changes.ts";
import { DISPOSITION_COLLECTORS, emptyDispositionChanges } from "./disposition-changes.ts";
import type { DispositionChanges } from "./disposition-changes.ts";
import { BATCH_COLLECTORS } from "./batch-changes.ts";
import type { LogEntry } from "./log-entry.ts";

/** What a page of logs does to the read model. Rows first, then what changes a row, both in the chain's order. */
export interface ChainChanges extends DispositionChanges {
  participants: ChainParticipantRow[];
  roles: { participantId: string; roles: number }[];
  ownKeys: { participantId: string; ownKeysOnly: boolean; signedAt: number | null }[];
  suspensions: { participantId: string; suspended: boolean }[];
  accounts: { account: string; participantId: string; hosted: boolean }[];
  removedAccounts: string[];
  devices: ChainDeviceRow[];
  calibrations: { deviceId: string; from: number; until: number }[];
  revocations: { deviceId: string; from: number }[];
  flows: ChainFlowRow[];
  journeys: ChainJourneyRow[];
  custodyEvents: ChainCustodyEventRow[];
  exceptions: ChainExceptionRow[];
  exceptionTransitions: Omit<ChainExceptionTransitionRow, "position">[];
  assignments: ChainAssignmentRow[];
  segments: ChainSegmentRow[];
  releases: ChainReleaseRow[];
  specifications: ChainSpecificationRow[];
  batchProofs: ChainBatchProofRow[];
  accessGrants: ChainAccessGrantRow[];
  accessRevocations: { grantId: string; revokedBy: number; revokedAt: number; signer: string; signedAt: number; transactionHash: string }[];
  auditAnchors: ChainAuditAnchorRow[];
  identityChecks: ChainIdentityCheckRow[];
  shippers: ChainShipperRow[];
  lanes: ChainLaneRow[];
  qualifications: ChainQualificationRow[];
  shipperAssignments: ChainShipperAssignmentRow[];
  equipmentAcceptances: ChainEquipmentAcceptanceRow[];
  /** Natural keys of the effects, twins of the view `chain_keys`. */
  keys: string[];
  notifications: Omit<Notification, "atMilliseconds">[];
}

export function emptyChanges(): ChainChanges {
  return {
    participants: [], roles: [], ownKeys: [], suspensions: [], accounts: [], removedAccounts: [], devices: [], calibrations: [],
    revocations: [], flows: [], journeys: [], custodyEvents: [], exceptions: [], exceptionTransitions: [], assignments: [],
    segments: [], releases: [], specifications: [], batchProofs: [], identityChecks: [], accessGrants: [], accessRevocations: [], auditAnchors: [],
    ...emptyDispositionChanges(), shippers: [], lanes: [], qualifications: [], shipperAssignments: [], equipmentAcceptances: [], keys: [], notifications: [],
  };
}

export type Collect = (changes: ChainChanges, entry: LogEntry) => void;

const count = (value: unknown): number => Number(value as bigint);
const decimal = (value: unknown): string => (value as bigint).toString();
const text = (value: unknown): string => value as string;

const COLLECTORS: Record<string, Collect> = {
  ...EQUIPMENT_COLLECTORS,
  ...DISPOSITION_COLLECTORS,
  ...BATCH_COLLECTORS,
  ParticipantRegistered(changes, { event: { args } }) {
    const participant_id = text(args["participantId"]);
    changes.participants.push({ participant_index: count(args["index"]), participant_id, roles: count(args["roles"]), suspended: false, own_keys_only: false, own_keys_signed_at: null });
    changes.keys.push(`participant:${participant_id}`);
    changes.notifications.push({ type: "operation", journeyId: null, data: { kind: "register-participant", participantId: participant_id } });
  },
  ParticipantRolesChanged(changes, { event: { args } }) {
    changes.roles.push({ participantId: text(args["participantId"]), roles: count(args["roles"]) });
  },
  ParticipantSuspensionChanged(changes, { event: { args } }) {
    changes.suspensions.push({ participantId: text(args["participantId"]), suspended: args["suspended"] as boolean });
  },
  OwnKeysRequired(changes, { event: { args } }) {
    const participantId = text(args["participantId"]);
    const signedAt = count(args["signedAt"]);
    changes.ownKeys.push({ participantId, ownKeysOnly: true, signedAt });
    changes.keys.push(`own-keys:${participantId}:${signedAt}`);
  },
  OwnKeysNoLongerRequired(changes, { event: { args } }) {
    changes.ownKeys.push({ participantId: text(args["participantId"]), ownKeysOnly: false, signedAt: null });
  },
  SigningAccountAdded(changes, { event: { args } }) {
    changes.accounts.push({
      account: text(args["account"]).toLowerCase(),
      participantId: text(args["participantId"]),
      hosted: args["hosted"] as boolean,
    });
    changes.keys.push(`account:${text(args["account"]).toLowerCase()}`);
  },
  SigningAccountRemoved(changes, { event: { args } }) {
    changes.removedAccounts.push(text(args["account"]).toLowerCase());
  },
  DeviceEnrolled(changes, { event: { args } }) {
    const device_id = text(args["deviceId"]);
    changes.devices.push({
      device_id,
      owner: text(args["owner"]),
      key_commitment: decimal(args["keyCommitment"]),
      public_key_x: decimal(args["publicKeyX"]),
      public_key_y: decimal(args["publicKeyY"]),
      message_key_hash: text(args["messageKeyHash"]),
      attestation: count(args["attestation"]),
      revoked_from: null,
    });
    changes.keys.push(`device:${device_id}`);
    changes.notifications.push({ type: "operation", journeyId: null, data: { kind: "enrol-device", deviceId: device_id } });
  },
  DeviceCalibrated(changes, { event: { args } }) {
    const calibration = { deviceId: text(args["deviceId"]), from: count(args["calibratedFrom"]), until: count(args["calibratedUntil"]) };
    changes.calibrations.push(calibration);
    changes.keys.push(`calibration:${calibration.deviceId}:${calibration.from}:${calibration.until}`);
  },
  DeviceRevoked(changes, { event: { args } }) {
    const revocation = { deviceId: text(args["deviceId"]), from: count(args["revokedFrom"]) };
    changes.revocations.push(revocation);
    changes.keys.push(`revocation:${revocation.deviceId}:${revocation.from}`);
  },
  FlowRegistered(changes, { event: { args } }) {
    const document_hash = text(args["documentHash"]);
    changes.flows.push({ flow: count(args["flow"]), document_hash, document: text(args["document"]) });
    changes.keys.push(`flow:${document_hash}`);
    changes.notifications.push({ type: "operation", journeyId: null, data: { kind: "register-flow", documentHash: document_hash } });
  },
  JourneyOpened(changes, { event: { args } }) {
    const journey_id = text(args["journeyId"]);
    const identity_commitment = text(args["identityCommitment"]);
    changes.journeys.push({ journey_id, flow: count(args["flow"]), identity_commitment, head: text(args["head"]), event_count: 0 });
    changes.keys.push(`journey:${journey_id}`);
    changes.notifications.push({ type: "operation", journeyId: journey_id, data: { kind: "open-journey" } });
  },
  CustodyEventRecorded(changes, { event: { args }, blockNumber, transactionHash }) {
    const row: ChainCustodyEventRow = {
      journey_id: text(args["journeyId"]),
      sequence: count(args["sequence"]),
      participant_index: count(args["participant"]),
      commitment: text(args["commitment"]),
      step: count(args["step"]),
      occurred_at: count(args["occurredAt"]),
      recorded_at: count(args["recordedAt"]),
      head: text(args["head"]),
      signature: `${text(args["signatureR"])}${text(args["signatureVS"]).slice(2)}`,
      block_number: blockNumber,
      transaction_hash: transactionHash,
    };
    changes.custodyEvents.push(row);
    changes.keys.push(`custody-event:${row.commitment}`);
    const { sequence, step, commitment, occurred_at: occurredAt, recorded_at: recordedAt } = row;
    const data = { sequence, step, commitment, occurredAt, recordedAt, participantIndex: row.participant_index, transactionHash };
    changes.notifications.push({ type: "custody-event", journeyId: row.journey_id, data });
  },
  ExceptionRaised(changes, { event: { args }, blockNumber, blockTime }) {
    const row: ChainExceptionRow = {
      journey_id: text(args["journeyId"]),
      number: count(args["number"]),
      exception_key: text(args["exceptionKey"]),
      code: bytes32ToCode(text(args["code"])),
      class: count(args["class"]),
      leg: count(args["leg"]),
      stage: 0,
      outcome: null,
      proposer: null,
      occurred_at: count(args["occurredAt"]),
      raised_at: blockTime,
      due_at: count(args["dueAt"]),
      detail_commitment: text(args["detailCommitment"]),
      block_number: blockNumber,
    };
    changes.exceptions.push(row);
    changes.keys.push(`exception:${row.exception_key}`);
    const { number, code, occurred_at: occurredAt, exception_key: exceptionKey } = row;
    const leg = row.leg === 0 ? null : row.leg - 1;
    const data = { number, code, class: EXCEPTION_CLASSES[row.class], leg, occurredAt, exceptionKey, stage: EXCEPTION_STAGES[0], status: "raised" };
    changes.notifications.push({ type: "exception", journeyId: row.journey_id, data });
  },
  ExceptionAdvanced(changes, { event: { args }, blockNumber, blockTime, transactionHash }) {
    const row = {
      journey_id: text(args["journeyId"]),
      number: count(args["number"]),
      from_stage: count(args["from"]),
      to_stage: count(args["to"]),
      participant_index: count(args["participant"]),
      signer: text(args["signer"]).toLowerCase(),
      reason_hash: text(args["reasonHash"]),
      signed_at: count(args["signedAt"]),
      recorded_at: blockTime,
      signature: text(args["signature"]),
      block_number: blockNumber,
      transaction_hash: transactionHash,
    };
    changes.exceptionTransitions.push(row);
    changes.keys.push(`exception-transition:${row.journey_id}:${row.number}:${row.reason_hash}`);
    const { number, reason_hash: reasonHash, signed_at: signedAt } = row;
    const [from, stage] = [EXCEPTION_STAGES[row.from_stage], EXCEPTION_STAGES[row.to_stage]];
    const data = { number, from, stage, reasonHash, signedAt, participantIndex: row.participant_index, status: "advanced" };
    changes.notifications.push({ type: "exception", journeyId: row.journey_id, data });
  },
  DeviceAssigned(changes, { event: { args } }) {
    const journey_id = text(args["journeyId"]);
    const leg = count(args["leg"]);
    const device_id = text(args["deviceId"]);
    changes.assignments.push({ journey_id, leg, device_id, assigned_from: count(args["assignedFrom"]) });
    changes.keys.push(`assignment:${journey_id}:${leg}`);
    changes.notifications.push({ type: "operation", journeyId: journey_id, data: { kind: "assign-device", leg, deviceId: device_id } });
  },
  SegmentProven(changes, { event: { args }, blockNumber, transactionHash }) {
    const row: ChainSegmentRow = {
      journey_id: text(args["journeyId"]),
      leg: count(args["leg"]),
      number: count(args["number"]),
      from_seconds: count(args["from"]),
      to_seconds: count(args["to"]),
      state_before: decimal(args["stateBefore"]),
      state_after: decimal(args["stateAfter"]),
      readings_commitment: decimal(args["readingsCommitment"]),
      block_number: blockNumber,
      transaction_hash: transactionHash,
    };
    changes.segments.push(row);
    changes.keys.push(`segment:${row.readings_commitment}`);
    const { leg, number, from_seconds: fromSeconds, to_seconds: toSeconds, readings_commitment: readingsCommitment } = row;
    const data = { leg, number, fromSeconds, toSeconds, readingsCommitment, transactionHash };
    changes.notifications.push({ type: "segment", journeyId: row.journey_id, data });
  },
  IdentityChecked(changes, { event: { args }, transactionHash }) {
    const row: ChainIdentityCheckRow = {
      journey_id: text(args["journeyId"]),
      step: count(args["step"]),
      linked_commitment: decimal(args["linkedCommitment"]),
      participant_index: count(args["participant"]),
      signer: text(args["signer"]).toLowerCase(),
      signed_at: count(args["signedAt"]),
      persons: count(args["persons"]),
      transaction_hash: transactionHash,
    };
    changes.identityChecks.push(row);
    changes.keys.push(`identity-check:${row.linked_commitment}`);
    const data = { step: row.step, persons: row.persons, participantIndex: row.participant_index, transactionHash };
    changes.notifications.push({ type: "identity-check", journeyId: row.journey_id, data });
  },
  GateReleased(changes, { event: { args }, transactionHash }) {
    const row: ChainReleaseRow = {
      journey_id: text(args["journeyId"]),
      gate: count(args["gate"]),
      participant_index: count(args["participant"]),
      signer: text(args["signer"]).toLowerCase(),
      head: text(args["head"]),
      signed_at: count(args["signedAt"]),
      released_at: count(args["releasedAt"]),
      transaction_hash: transactionHash,
    };
    changes.releases.push(row);
    changes.keys.push(`release:${row.journey_id}:${row.gate}`);
    const data = { gate: row.gate, releasedAt: row.released_at, participantIndex: row.participant_index };
    changes.notifications.push({ type: "release", journeyId: row.journey_id, data });
  },
  AccessGranted(changes, { event: { args }, blockTime, transactionHash }) {
    const row: ChainAccessGrantRow = {
      grant_id: text(args["grantId"]),
      journey_id: text(args["journeyId"]),
      participant_id: text(args["participantId"]),
      scope: count(args["scope"]),
      key_thumbprint: text(args["keyThumbprint"]),
      granted_by: count(args["grantedBy"]),
      granted_at: blockTime,
      signer: text(args["signer"]).toLowerCase(),
      signed_at: count(args["signedAt"]),
      transaction_hash: transactionHash,
      revoked_by: null,
      revoked_at: null,
      revocation_signer: null,
      revocation_signed_at: null,
      revocation_transaction_hash: null,
    };
    changes.accessGrants.push(row);
    changes.keys.push(`grant:${row.grant_id}`);
    changes.notifications.push({ type: "operation", journeyId: row.journey_id, data: { kind: "grant-access", grantId: row.grant_id } });
  },
  AccessRevoked(changes, { event: { args }, blockTime, transactionHash }) {
    const grantId = text(args["grantId"]);
    changes.accessRevocations.push({ grantId, revokedBy: count(args["revokedBy"]), revokedAt: blockTime, signer: text(args["signer"]).toLowerCase(), signedAt: count(args["signedAt"]), transactionHash });
    changes.keys.push(`grant-revocation:${grantId}`);
    changes.notifications.push({ type: "operation", journeyId: text(args["journeyId"]), data: { kind: "revoke-access", grantId } });
  },
  AuditAnchored(changes, { event: { args }, blockTime }) {
    const row: ChainAuditAnchorRow = { trail: text(args["trail"]), count: count(args["count"]), head: text(args["head"]), anchored_at: blockTime };
    changes.auditAnchors.push(row);
    changes.keys.push(`audit-anchor:${row.trail}:${row.count}`);
  },
};

export function collectChanges(entries: readonly LogEntry[]): ChainChanges {
  const changes = emptyChanges();
  for (const entry of entries) COLLECTORS[entry.event.name]?.(changes, entry);
  return changes;
}
