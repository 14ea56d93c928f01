import type {
  ChainEquipmentAcceptanceRow,
  ChainLaneRow,
  ChainQualificationRow,
  ChainShipperAssignmentRow,
  ChainShipperRow,
} from "./equipment-rows.ts";
import type { ChainBatchProofRow, ChainSpecificationRow } from "./batch-schema.ts";

/** The read model: what the indexer read from the ledger, and nothing else; it can be made anew at any time. */
export interface ChainTables {
  chain_specifications: ChainSpecificationRow;
  chain_batch_proofs: ChainBatchProofRow;
  chain_cursor: ChainCursorRow;
  chain_participants: ChainParticipantRow;
  chain_accounts: ChainAccountRow;
  chain_devices: ChainDeviceRow;
  chain_calibrations: ChainCalibrationRow;
  chain_flows: ChainFlowRow;
  chain_journeys: ChainJourneyRow;
  chain_custody_events: ChainCustodyEventRow;
  chain_exceptions: ChainExceptionRow;
  chain_exception_transitions: ChainExceptionTransitionRow;
  chain_assignments: ChainAssignmentRow;
  chain_segments: ChainSegmentRow;
  chain_releases: ChainReleaseRow;
  chain_access_grants: ChainAccessGrantRow;
  chain_audit_anchors: ChainAuditAnchorRow;
  chain_interval_acceptances: ChainIntervalAcceptanceRow;
  chain_dispositions: ChainDispositionRow;
  chain_recalls: ChainRecallRow;
  chain_recall_acknowledgements: ChainRecallAcknowledgementRow;
  chain_identity_checks: ChainIdentityCheckRow;
  chain_shippers: ChainShipperRow;
  chain_lanes: ChainLaneRow;
  chain_qualifications: ChainQualificationRow;
  chain_shipper_assignments: ChainShipperAssignmentRow;
  chain_equipment_acceptances: ChainEquipmentAcceptanceRow;
  chain_keys: ChainKeyRow;
}

export interface ChainCursorRow {
  id: number;
  block_number: number;
  block_hash: string;
}

export interface ChainParticipantRow {
  participant_index: number;
  participant_id: string;
  roles: number;
  suspended: boolean;
  own_keys_only: boolean;
  /** When it last asked for own keys only, Unix seconds by its signature; kept when that is lifted. */
  own_keys_signed_at: number | null;
}

export interface ChainAccountRow {
  account: string;
  participant_index: number;
  /** The key is held by a node, for an integration that cannot sign. */
  hosted: boolean;
  removed: boolean;
}

export interface ChainDeviceRow {
  device_id: string;
  owner: string;
  key_commitment: string;
  public_key_x: string;
  public_key_y: string;
  message_key_hash: string;
  attestation: number;
  revoked_from: number | null;
}

/** `number` counts a device's calibrations from 0 in chain order. */
export interface ChainCalibrationRow {
  device_id: string;
  number: number;
  calibrated_from: number;
  calibrated_until: number;
}

export interface ChainFlowRow {
  flow: number;
  document_hash: string;
  document: string;
}

export interface ChainJourneyRow {
  journey_id: string;
  flow: number;
  identity_commitment: string;
  head: string;
  event_count: number;
}

export interface ChainCustodyEventRow {
  journey_id: string;
  sequence: number;
  participant_index: number;
  commitment: string;
  step: number;
  occurred_at: number;
  recorded_at: number;
  head: string;
  /** Compact (EIP-2098), 64 bytes; null for what was indexed before signatures were kept here. */
  signature: string | null;
  block_number: number;
  transaction_hash: string;
}

export interface ChainExceptionRow {
  journey_id: string;
  number: number;
  exception_key: string;
  code: string;
  class: number;
  leg: number;
  /** Places in `EXCEPTION_STAGES`; `outcome` is null until it is approved as resolved or accepted. */
  stage: number;
  outcome: number | null;
  /** Account of the last proposal. */
  proposer: string | null;
  occurred_at: number;
  raised_at: number;
  due_at: number;
  detail_commitment: string;
  block_number: number;
}

/** `position` counts an exception's transitions from 0. */
export interface ChainExceptionTransitionRow {
  journey_id: string;
  number: number;
  position: number;
  from_stage: number;
  to_stage: number;
  participant_index: number;
  signer: string;
  reason_hash: string;
  signed_at: number;
  recorded_at: number;
  signature: string;
  block_number: number;
  transaction_hash: string;
}

export interface ChainAssignmentRow {
  journey_id: string;
  leg: number;
  device_id: string;
  assigned_from: number;
}

export interface ChainSegmentRow {
  journey_id: string;
  leg: number;
  number: number;
  from_seconds: number;
  to_seconds: number;
  state_before: string;
  state_after: string;
  readings_commitment: string;
  block_number: number;
  transaction_hash: string;
}

export interface ChainReleaseRow {
  journey_id: string;
  gate: number;
  participant_index: number;
  signer: string;
  head: string;
  signed_at: number;
  released_at: number;
  transaction_hash: string | null;
}

/** An anchor of an audit trail; `trail` and `head` are keyed hashes. */
export interface ChainAuditAnchorRow {
  trail: string;
  count: number;
  head: string;
  anchored_at: number;
}

export interface ChainAccessGrantRow {
  grant_id: string;
  journey_id: string;
  participant_id: string;
  scope: number;
  key_thumbprint: string;
  granted_by: number;
  granted_at: number;
  signer: string | null;
  signed_at: number | null;
  transaction_hash: string | null;
  revoked_by: number | null;
  revoked_at: number | null;
  revocation_signer: string | null;
  revocation_signed_at: number | null;
  revocation_transaction_hash: string | null;
}

/** An interval of a leg that a qualified person accepted without proof. `number` counts the leg's from 0. */
export interface ChainIntervalAcceptanceRow {
  journey_id: string;
  leg: number;
  number: number;
  from_seconds: number;
  to_seconds: number;
  exception_number: number;
  participant_index: number;
  signer: string;
  signed_at: number;
  recorded_at: number;
  transaction_hash: string;
}

/** A decision on a batch or a step of an exceptional release; `value` is the number of either. */
export interface ChainDispositionRow {
  journey_id: string;
  number: number;
  kind: "decision" | "step";
  value: number;
  participant_index: number;
  signer: string;
  head: string | null;
  reason_hash: string;
  signed_at: number;
  recorded_at: number;
  transaction_hash: string;
}

/** `number` counts a journey's recalls from 0. */
export interface ChainRecallRow {
  journey_id: string;
  number: number;
  exception_number: number;
  code: string;
  raised_at: number;
}

/** `recalls`: how many of the journey's recalls the participant acknowledged with it. */
export interface ChainRecallAcknowledgementRow {
  journey_id: string;
  participant_index: number;
  recalls: number;
  signer: string;
  signed_at: number;
  recorded_at: number;
}

export interface ChainIdentityCheckRow {
  journey_id: string;
  step: number;
  linked_commitment: string;
  participant_index: number;
  signer: string;
  signed_at: number;
  /** Different persons that had checked at this step by then. */
  persons: number;
  transaction_hash: string;
}

/** View: the natural key of every effect in the read model. */
export interface ChainKeyRow {
  natural_key: string;
}
