import type { ColumnType, Generated } from "kysely";
import type { LaneRow, QualificationRow, ShipperAssignmentRow, ShipperRow } from "./equipment-rows.ts";
import type {
  BatchRecordEntryRow,
  BatchResultRow,
  ControlRecipeRow,
  GenealogyEdgeRow,
  MasterRecipeRow,
  SpecificationRow,
} from "./batch-schema.ts";
import type { AccessTables } from "./access-schema.ts";
import type { ChainTables } from "./chain-schema.ts";
import type { RecipientKey } from "../model/privacy/key-wrap.ts";
import type { IssuedIdentifierRow, LabelReconciliationRow, LabelRow } from "./label-rows.ts";
import type { PatientTables } from "./patient-schema.ts";

/**
 * Tables of one node. Two halves that never mix: what parties disclosed to this node (bodies, salts, keys), and
 * `chain_*` (chain-schema.ts), a read model of the ledger that can be dropped and made anew from the chain at any time.
 * Times are Unix seconds unless the name says otherwise; hashes are 0x-prefixed lower-case hex.
 */
export interface Database extends ChainTables, PatientTables, AccessTables {
  participants: ParticipantRow;
  api_keys: ApiKeyRow;
  devices: DeviceRow;
  flows: FlowRow;
  journeys: JourneyRow;
  journey_keys: JourneyKeyRow;
  journey_identifiers: JourneyIdentifierRow;
  capture_jobs: CaptureJobRow;
  events: EventRow;
  scans: ScanRow;
  identity_checks: IdentityCheckRow;
  persons: PersonRow;
  labels: LabelRow;
  label_reconciliations: LabelReconciliationRow;
  issued_identifiers: IssuedIdentifierRow;
  shippers: ShipperRow;
  lanes: LaneRow;
  qualifications: QualificationRow;
  shipper_assignments: ShipperAssignmentRow;
  leg_assignments: LegAssignmentRow;
  telemetry_messages: TelemetryMessageRow;
  dead_letters: DeadLetterRow;
  dead_letter_sums: DeadLetterSumRow;
  segments: SegmentRow;
  exception_details: ExceptionDetailRow;
  disposition_reasons: DispositionReasonRow;
  exception_reasons: ExceptionReasonRow;
  webhooks: WebhookRow;
  webhook_deliveries: WebhookDeliveryRow;
  erasures: ErasureRow;
  recipient_keys: RecipientKeyRow;
  access_grants: AccessGrantRow;
  key_wraps: KeyWrapRow;
  ledger_operations: LedgerOperationRow;
  ledger_transactions: LedgerTransactionRow;
  master_recipes: MasterRecipeRow;
  specifications: SpecificationRow;
  control_recipes: ControlRecipeRow;
  batch_record_entries: BatchRecordEntryRow;
  batch_results: BatchResultRow;
  genealogy_edges: GenealogyEdgeRow;
}

type Json<T> = ColumnType<T, string, string>;

/** An organisation this node serves. `encrypted_key` is its hosted signing key, sealed with the node's secret. */
export interface ParticipantRow {
  participant_id: string;
  gln: string;
  name: string;
  roles: Json<string[]>;
  account: string;
  /** Null when the organisation keeps its key itself: then this node cannot sign for it. */
  encrypted_key: string | null;
  created_at_milliseconds: number;
}

/** SHA-256 of an API key; the key itself is shown once. `participant_id` null is the node's operator. */
export interface ApiKeyRow {
  key_hash: string;
  participant_id: string | null;
  /** Account of the person the key is for; null for the organisation's own integration. */
  account: string | null;
  created_at_milliseconds: number;
  revoked_at_milliseconds: number | null;
}

export interface DeviceRow {
  giai: string;
  device_id: string;
  owner_participant_id: string;
  public_key_x: string;
  public_key_y: string;
  message_key: Json<Record<string, unknown>>;
  key_epoch: number;
  attestation: "device" | "gateway";
  calibrated_from: number;
  calibrated_until: number;
}

export interface FlowRow {
  name: string;
  version: number;
  document: string;
  document_hash: string;
}

export interface JourneyRow {
  journey_id: string;
  /** Blind index of the Chain of Identity; random once that is erased. */
  identity_index: string;
  /** Chain of Identity and the salts of its commitments, see `vault/sealed-rows.ts`; null once erased. */
  sealed_identity: string | null;
  identity_commitment: string;
  flow_document_hash: string;
  opened_by: string;
  created_at_milliseconds: number;
  erased_at_milliseconds: Generated<number | null>;
}

/**
 * Keys of a journey, wrapped with the node's. `identity` seals the link to the patient, `content` all else; a new
 * number takes over after a rotation. A destroyed key leaves its row, so that it is not made anew.
 */
export interface JourneyKeyRow {
  journey_id: string;
  purpose: "identity" | "content";
  number: number;
  wrapped_key: string | null;
  created_at_milliseconds: number;
  destroyed_at_milliseconds: number | null;
}

/** Identifiers a label of this journey may carry: EPCs as canonical Digital Links, donation numbers. Sealed. */
export interface JourneyIdentifierRow {
  journey_id: string;
  kind: "epc" | "din";
  identifier_index: string;
  sealed_identifier: string;
}

export interface CaptureJobRow {
  capture_id: string;
  participant_id: string;
  created_at_milliseconds: number;
  finished_at_milliseconds: number | null;
  running: boolean;
  success: boolean;
  capture_error_behaviour: "rollback" | "proceed";
  /** Errors of its events, RFC 7807; they may quote identifiers. Null when there are none, or once erased. */
  sealed_errors: string | null;
}

/** One captured EPCIS event, exactly as disclosed. `journey_id` is null for an event of no journey. */
export interface EventRow {
  event_number: Generated<number>;
  /** Blind indexes of eventID and event hash; random once erased. */
  event_id_index: string;
  event_hash_index: string;
  /** The event as received, its context, identifiers and salt, see `vault/stored-events.ts`; null once erased. */
  sealed_event: string | null;
  event_type: string;
  event_time_milliseconds: number;
  record_time_milliseconds: number;
  is_error_declaration: boolean;
  journey_id: string | null;
  step: number | null;
  commitment: string | null;
  captured_by: string;
  capture_id: string;
}

export interface ScanRow {
  scan_id: string;
  journey_id: string;
  participant_id: string;
  step: string | null;
  matched: boolean;
  /** What was read and what it meant; null once erased. */
  sealed_scan: string | null;
  scanned_at_milliseconds: number;
}

/**
 * An identity check that a scan began: the opening of the commitment it made, from what was scanned, and its proof.
 * `account` is the person's who scanned.
 */
export interface IdentityCheckRow {
  linked_commitment: string;
  scan_id: string;
  journey_id: string;
  step: number;
  account: string;
  /** What the scan showed and the check's blinding, see `vault/sealed-rows.ts`. */
  sealed_check: string;
  /** "unsigned": it waits for the signature of the person's own key. */
  status: "unsigned" | "proving" | "proven" | "unprovable";
  reason: string | null;
  /** The person's own signature and its time, Unix seconds; null when the hosted key signs. */
  signed_at: number | null;
  signature: string | null;
  created_at_milliseconds: number;
}

/** A natural person who signs for a participant. Without `encrypted_key` the key is the person's own. */
export interface PersonRow {
  account: string;
  participant_id: string;
  name: string;
  encrypted_key: string | null;
  /** What the person proves anew to sign with the kept key, see `oracle/signing/signing-secret.ts`; null while unset. */
  signing_secret: string | null;
  /** Wrong or unfinished tries since the last good one. */
  failed_signings: Generated<number>;
  signing_locked_until_milliseconds: number | null;
  created_at_milliseconds: number;
}

export interface LegAssignmentRow {
  journey_id: string;
  leg: number;
  giai: string;
  assigned_from: number;
}

/** One verified telemetry message; unique per (device, key epoch, sequence), which makes ingestion idempotent. */
export interface TelemetryMessageRow {
  giai: string;
  key_epoch: number;
  sequence: number;
  kind: "readings" | "segment";
  journey_id: string | null;
  leg: number | null;
  first_time: number;
  last_time: number;
  reading_count: number;
  body: string;
  received_at_milliseconds: number;
}

/** A refused telemetry message; what it said is sealed, and null once erased. */
export interface DeadLetterRow {
  dead_letter_number: Generated<number>;
  reason: string;
  /** Null once erased, or dropped for want of room. */
  sealed_letter: string | null;
  /** Keyed digest of the whole payload: tells whoever still has it that it came. */
  payload_digest: string | null;
  received_at_milliseconds: number;
}

/** Dead letters that have no row of their own any more, in the order they came. */
export interface DeadLetterSumRow {
  reason: string;
  letters: number;
  first_received_at_milliseconds: number;
  last_received_at_milliseconds: number;
  digest: string;
}

/** A sealed segment and the state of its proof. `number` counts a leg's segments from 0 in chain order. */
export interface SegmentRow {
  readings_commitment: string;
  journey_id: string;
  leg: number;
  giai: string;
  from_tick: number;
  to_tick: number;
  body: string;
  status: "sealed" | "proving" | "proven" | "unprovable";
  reason: string | null;
  state_before: string | null;
  state_after: string | null;
  blinding_before: string | null;
  blinding_after: string | null;
  proof: string | null;
  proving_seconds: number | null;
  attempts: number;
  received_at_milliseconds: number;
  /** Accepted intervals of the leg that were known when the status was decided. */
  after_acceptances: Generated<number>;
}

/** The disclosed text behind the salted hash that a disposition or a step of an exceptional release is signed with. */
export interface DispositionReasonRow {
  reason_hash: string;
  journey_id: string;
  /** The text and its salt; null once erased. */
  sealed_reason: string | null;
  written_by: string;
  created_at_milliseconds: number;
}

/** The disclosed detail behind an exception on the ledger. */
export interface ExceptionDetailRow {
  exception_key: string;
  journey_id: string;
  code: string;
  class: string;
  leg: number | null;
  occurred_at: number;
  /** What was observed and allowed, the committed detail and its salt; null once erased. */
  sealed_detail: string | null;
  created_at_milliseconds: number;
}

/** Why somebody moved an exception on: the text behind the hash on the ledger. */
export interface ExceptionReasonRow {
  reason_hash: string;
  journey_id: string;
  number: number;
  /** The text and its salt; null once erased. */
  sealed_reason: string | null;
  participant_id: string;
  created_at_milliseconds: number;
}

/** Where a participant is told of exceptions. Secrets are sealed with the node's own. */
export interface WebhookRow {
  webhook_id: string;
  participant_id: string;
  url: string;
  encrypted_secret: string;
  /** The secret before the last rotation still signs, beside the new one, until then. */
  encrypted_previous_secret: string | null;
  previous_secret_until_milliseconds: number | null;
  /** Blocks up to this one have been looked through for deliveries. */
  cursor_block: number;
  active: boolean;
  disabled_reason: string | null;
  failing_since_milliseconds: number | null;
  created_at_milliseconds: number;
}

/** The outbox of one webhook: written with its cursor, sent in the order of its number. */
export interface WebhookDeliveryRow {
  delivery_number: Generated<number>;
  delivery_id: string;
  webhook_id: string;
  event_key: string;
  body: string;
  status: "pending" | "delivered";
  attempts: number;
  next_attempt_at_milliseconds: number;
  last_error: string | null;
  created_at_milliseconds: number;
  delivered_at_milliseconds: number | null;
}

/** An erasure that was done. `kept_until` and `batch_expiry` are calendar days, YYYY-MM-DD. */
export interface ErasureRow {
  erasure_number: Generated<number>;
  journey_id: string;
  reason: string;
  erased: Json<unknown[]>;
  is_link_kept: boolean;
  kept_until: string | null;
  batch_expiry: string | null;
  erased_at_milliseconds: number;
}

/** A public key that journey keys are wrapped for; `thumbprint` as the ledger has it (RFC 7638, 0x hex). */
export interface RecipientKeyRow {
  thumbprint: string;
  participant_id: string;
  public_key: Json<RecipientKey>;
  created_at_milliseconds: number;
}

/** Who may open what a journey disclosed. `scope` is a bitmap, see `model/privacy/access.ts`. */
export interface AccessGrantRow {
  grant_id: string;
  journey_id: string;
  participant_id: string;
  /** Null for a grant of milestones only, which wraps no key. */
  thumbprint: string | null;
  scope: number;
  granted_by: string;
  created_at_milliseconds: number;
  revoked_by: string | null;
  revoked_at_milliseconds: number | null;
}

/** A journey's key wrapped for the recipient of a grant, JWE compact; deleted with the grant's revocation. */
export interface KeyWrapRow {
  grant_id: string;
  purpose: "identity" | "content";
  number: number;
  jwe: string;
}

export type LedgerOperationKind =
  | "require-own-keys"
  | "grant-access"
  | "revoke-access"
  | "anchor-audit"
  | "open-journey"
  | "custody-event"
  | "raise-exception"
  | "advance-exception"
  | "assign-device"
  | "submit-segment"
  | "release-gate"
  | "accept-interval"
  | "accept-equipment"
  | "decide-disposition"
  | "take-exceptional-release-step"
  | "acknowledge-recall"
  | "record-identity-check"
  | "register-shipper"
  | "qualify-shipper"
  | "register-lane"
  | "qualify-lane"
  | "assign-shipper"
  | "register-participant"
  | "add-account"
  | "enrol-device"
  | "calibrate-device"
  | "revoke-device"
  | "register-flow"
  | "register-specification"
  | "submit-batch-proof";

/** The outbox: written in the same database transaction as the fact it announces. */
export interface LedgerOperationRow {
  operation_number: Generated<number>;
  idempotency_key: string;
  /** What the ledger knows the effect by; see `natural-key.ts`. */
  natural_key: string;
  kind: LedgerOperationKind;
  journey_id: string | null;
  payload: string;
  status: "pending" | "submitted" | "recorded" | "refused";
  transaction_number: number | null;
  error: string | null;
  created_at_milliseconds: number;
  recorded_at_milliseconds: number | null;
}

/** A signed raw transaction, stored before it is broadcast and re-broadcast byte for byte on any doubt. */
export interface LedgerTransactionRow {
  transaction_number: Generated<number>;
  signer: string;
  nonce: number;
  hash: string;
  raw: string;
  status: "signed" | "mined" | "reverted";
  created_at_milliseconds: number;
}
