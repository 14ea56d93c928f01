import type { ColumnType } from "kysely";

/** A label printed here, exactly as drawn. A reprint is a row of its own and voids the one before. */
export interface LabelRow {
  label_id: string;
  journey_id: string;
  /** Blind index of the container's canonical Digital Link; random once erased. */
  epc_index: string;
  /** From 1, without holes, per container. */
  version: number;
  /** Container, `LabelContent` and why it was reprinted; null once erased. */
  sealed_label: string | null;
  printed_by: string;
  printed_at_milliseconds: number;
  voided_by: string | null;
  sealed_void_reason: string | null;
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
  /** Blind index: that it was issued, not what it is. Random once its subject is erased. */
  identifier_index: string;
  issued_by: string;
  issued_at_milliseconds: number;
}
