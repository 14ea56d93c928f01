import { sealedBatchEntry, sealedControlRecipe, sealedResults, sealedResultsReason } from "./vault/index.ts";
import type { JourneyCipher, Vault } from "./vault/index.ts";

/** An entry of a batch record as it is kept; `entry` is canonical JSON. */
export interface KeptEntry {
  batch: string;
  entryId: string;
  entry: string;
  /** CBV event hash of the EPCIS event it came in, null for JSON. */
  eventHash: string | null;
}

export interface KeptResults {
  /** Signed results and certificate of analysis, canonical JSON. */
  body: string;
  certificate: string;
}

/** Columns of a control recipe. Its batch is found across journeys, since it may be of one only. */
export function sealControlRecipe(vault: Vault, cipher: JourneyCipher, journeyId: string, control: { batch: string; equipment: unknown[] }) {
  return {
    batch_index: vault.blindIndex("control_recipes/batch", control.batch),
    sealed_recipe: sealedControlRecipe.seal(cipher, journeyId, journeyId, control),
  };
}

/** Null once it was erased. */
export function openControlRecipe(cipher: JourneyCipher, journeyId: string, sealed: string | null) {
  return sealedControlRecipe.open(cipher, journeyId, journeyId, sealed);
}

/** Columns of a batch record entry. Its id is looked for within its journey only, so the journey's own key hides it. */
export function sealEntry(cipher: JourneyCipher, journeyId: string, kept: KeptEntry) {
  const index = cipher.blind(journeyId, `batch_record_entries/${kept.entryId}`);
  return { entry_index: index, sealed_entry: sealedBatchEntry.seal(cipher, journeyId, index, kept) };
}

/** Null once it was erased. */
export function openEntry(cipher: JourneyCipher, row: { journey_id: string; entry_index: string; sealed_entry: string | null }): KeptEntry | null {
  return sealedBatchEntry.open(cipher, row.journey_id, row.entry_index, row.sealed_entry);
}

interface ResultsRow {
  journey_id: string;
  results_commitment: string;
}

export function sealResults(cipher: JourneyCipher, { journey_id, results_commitment }: ResultsRow, kept: KeptResults, reason: string | null) {
  return {
    sealed_results: sealedResults.seal(cipher, journey_id, results_commitment, kept),
    sealed_reason: reason === null ? null : sealResultsReason(cipher, { journey_id, results_commitment }, reason),
  };
}

export function sealResultsReason(cipher: JourneyCipher, { journey_id, results_commitment }: ResultsRow, reason: string): string {
  return sealedResultsReason.seal(cipher, journey_id, results_commitment, reason);
}

/** Null once they were erased. */
export function openResults(cipher: JourneyCipher, row: ResultsRow & { sealed_results: string | null }): KeptResults | null {
  return sealedResults.open(cipher, row.journey_id, row.results_commitment, row.sealed_results);
}

export function openResultsReason(cipher: JourneyCipher, row: ResultsRow & { sealed_reason: string | null }): string | null {
  return sealedResultsReason.open(cipher, row.journey_id, row.results_commitment, row.sealed_reason);
}
