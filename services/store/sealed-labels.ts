import type { Selectable } from "kysely";
import type { LabelRow } from "./label-rows.ts";
import { sealedLabel, sealedVoidReason } from "./vault/index.ts";
import type { JourneyCipher, Vault } from "./vault/index.ts";

/** What a label row keeps sealed. */
export interface KeptLabel {
  /** Canonical Digital Link of the container. */
  epc: string;
  /** `LabelContent`, JSON text. */
  content: string;
  /** Why it was reprinted; null for version 1. */
  reason: string | null;
}

export type OpenedLabel = Selectable<LabelRow> & KeptLabel & { void_reason: string | null };

/** A container has one register across journeys, so that its index is the node's. */
export const labelledEpcIndex = (vault: Vault, epc: string) => vault.blindIndex("labels/epc", epc);

export function sealLabel(vault: Vault, cipher: JourneyCipher, row: { journey_id: string; label_id: string }, kept: KeptLabel) {
  return { epc_index: labelledEpcIndex(vault, kept.epc), sealed_label: sealedLabel.seal(cipher, row.journey_id, row.label_id, kept) };
}

export function sealVoidReason(cipher: JourneyCipher, row: { journey_id: string; label_id: string }, reason: string): string {
  return sealedVoidReason.seal(cipher, row.journey_id, row.label_id, reason);
}

/** Null once it was erased. */
export function openLabel(cipher: JourneyCipher, row: Selectable<LabelRow>): OpenedLabel | null {
  const kept = sealedLabel.open(cipher, row.journey_id, row.label_id, row.sealed_label);
  if (kept === null) return null;
  return { ...row, ...kept, void_reason: sealedVoidReason.open(cipher, row.journey_id, row.label_id, row.sealed_void_reason) };
}
