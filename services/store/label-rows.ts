import type { ColumnType } from "kysely";

/** A label printed here, exactly as drawn. A reprint is a row of its own and voids the one before. */
export interface LabelRow {
  label_id: string;
  journey_id: string;
  /** Canonical Digital Link of the container. */
  epc: string;
  /** From 1, without holes, per container. */
  version: number;
  /** `LabelContent`, JSON text. */
  content: string;
  /** Why it was reprinted; null for version 1. */
  reason: string | null;
  printed_by: string;
  printed_at_milliseconds: number;
  voided_by: string | null;
  void_reason: string | null;
  voided_at_milliseconds: number | null;
}

/** A count of printed labels against what became of them. */
export interface LabelReconciliationRow {
  reconciliation_id: string;
  journey_id: string;
  performed_by: string;
  performed_at_milliseconds: number;
  printed: number;
  applied: number;
  destroyed: number;
  differences: ColumnType<{ labelId: string; difference: string }[], string, string>;
}

/** A Chain of Identity identifier made here, whether or not a journey was opened under it. */
export interface IssuedIdentifierRow {
  chain_of_identity: string;
  issued_by: string;
  issued_at_milliseconds: number;
}
