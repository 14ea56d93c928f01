import type { Generated } from "kysely";

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
  /** Blind index of the batch, a URI; random once erased. */
  batch_index: string;
  recipe_hash: string;
  /** Batch and equipment; null once erased. */
  sealed_recipe: string | null;
  created_by: string;
  created_at_milliseconds: number;
}

/** One entry of an electronic batch record. */
export interface BatchRecordEntryRow {
  entry_number: Generated<number>;
  journey_id: string;
  /** Blind index of the entry's id, under the journey's own key. */
  entry_index: string;
  /** Batch, entry as posted, and the EPCIS event it came in; null once erased. */
  sealed_entry: string | null;
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
  /** What was signed, and its certificate; null once erased. */
  sealed_results: string | null;
  certificate_hash: string;
  status: "recorded" | "proving" | "proven" | "unprovable";
  /** Why there is no proof; null without a reason, or once erased. */
  sealed_reason: string | null;
  proof: string | null;
  proving_seconds: number | null;
  attempts: number;
  posted_by: string;
  received_at_milliseconds: number;
}

/**
 * An edge of the genealogy. Nodes, and the event hash or entry it was learned from, are blind indexes; the nodes in clear
 * are sealed beside them.
 */
export interface GenealogyEdgeRow {
  from_index: string;
  to_index: string;
  kind: string;
  source_index: string;
  sealed_edge: string;
  /** The subject was erased and the edge is kept for traceability: shown to who may trace. */
  for_tracing_only: Generated<boolean>;
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
