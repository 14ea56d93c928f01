/** A shipper as its owner described it. Times are Unix seconds unless the name says otherwise. */
export interface ShipperRow {
  grai: string;
  equipment_id: string;
  owner_participant_id: string;
  /** Canonical JSON; the ledger holds its keccak-256. */
  document: string;
  document_hash: string;
  created_at_milliseconds: number;
}

/** A lane: a way between two places with a planned time. */
export interface LaneRow {
  lane: string;
  lane_id: string;
  document: string;
  document_hash: string;
  created_at_milliseconds: number;
}

/** A qualification of a shipper (by equipment id) or of a lane (by lane id). */
export interface QualificationRow {
  subject_id: string;
  qualified_from: number;
  qualified_until: number;
  certificate_hash: string;
  created_at_milliseconds: number;
}

/** One use of a shipper. `charged_at` is when it was filled with liquid nitrogen. */
export interface ShipperAssignmentRow {
  journey_id: string;
  leg: number;
  equipment_id: string;
  lane_id: string;
  assigned_at: number;
  charged_at: number;
}

export interface ChainShipperRow {
  equipment_id: string;
  owner: string;
  document_hash: string;
}

export interface ChainLaneRow {
  lane_id: string;
  document_hash: string;
}

/** `kind` says whose qualification it is. The same one may have been recorded twice, which changes nothing. */
export interface ChainQualificationRow {
  kind: "shipper" | "lane";
  subject_id: string;
  qualified_from: number;
  qualified_until: number;
  certificate_hash: string;
  transaction_hash: string;
}

/** What carried a leg, accepted by a qualified person under an exception of that code. `assignments`: those seen. */
export interface ChainEquipmentAcceptanceRow {
  journey_id: string;
  leg: number;
  code: string;
  assignments: number;
  exception_number: number;
  participant_index: number;
  signer: string;
  signed_at: number;
  recorded_at: number;
  transaction_hash: string;
}

export interface ChainShipperAssignmentRow {
  journey_id: string;
  leg: number;
  equipment_id: string;
  lane_id: string;
  assigned_at: number;
  transaction_hash: string;
}
