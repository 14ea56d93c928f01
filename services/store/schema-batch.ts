import type { ColumnType, Generated } from "kysely";

/** A version of a master recipe; its document never changes. */
export interface MasterRecipeRow {
  name: string;
  version: number;
  document: string;
  recipe_hash: string;
}

/** A version of a release specification; its document never changes. */
export interface SpecificationRow {
  name: string;
  version: number;
  document: string;
  document_hash: string;
}

/** The recipe a journey's batch is run by. */
export interface ControlRecipeRow {
  journey_id: string;
  batch: string;
  recipe_hash: string;
  equipment: ColumnType<unknown[], string, string>;
  created_by: string;
  created_at_milliseconds: number;
}

/** One entry of an electronic batch record, JSON text as posted; `event_hash` names the EPCIS event it came in. */
export interface BatchRecordEntryRow {
  entry_number: Generated<number>;
  journey_id: string;
  batch: string;
  entry_id: string;
  entry: string;
  event_hash: string | null;
  recorded_by: string;
  recorded_at_milliseconds: number;
}

/** A laboratory's signed results: `recorded` has no proof to come, its exceptions say why. */
export interface BatchResultRow {
  results_commitment: string;
  journey_id: string;
  specification_number: number;
  stage: "first" | "final";
  giai: string;
  signed_at: number;
  body: string;
  certificate: string;
  certificate_hash: string;
  status: "recorded" | "proving" | "proven" | "unprovable";
  reason: string | null;
  proof: string | null;
  proving_seconds: number | null;
  attempts: number;
  posted_by: string;
  received_at_milliseconds: number;
}

/** An edge of the genealogy; `source` is the event hash or entry it was learned from. */
export interface GenealogyEdgeRow {
  from_node: string;
  to_node: string;
  kind: string;
  source: string;
  journey_id: string | null;
  recorded_by: string;
}

/** Commitments are decimal field elements. */
export interface ChainSpecificationRow {
  document_hash: string;
  first_stage_commitment: string;
  final_stage_commitment: string;
  document: string;
}

export interface ChainBatchProofRow {
  journey_id: string;
  specification_number: number;
  stage: "first" | "final";
  document_hash: string;
  device_id: string;
  results_commitment: string;
  signed_at: number;
  certificate_hash: string;
  block_number: number;
  transaction_hash: string;
}
