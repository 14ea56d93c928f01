import { sealEdge } from "../genealogy-rows.ts";
import { issuedIdentifierIndex } from "../identities.ts";
import { sealControlRecipe, sealEntry, sealResults } from "../sealed-batch.ts";
import { sealLabel, sealVoidReason } from "../sealed-labels.ts";
import { sealedCaptureErrors, sealedDeadLetter, sealedDispositionReason, sealedExceptionReason } from "../vault/index.ts";
import type { JourneyCipher, Vault } from "../vault/index.ts";

/** A row as 0005 left it, texts in clear; JSON and numbers as the driver reads them. */
export type PlainRow = Record<string, string | null>;

export interface ResealedTable {
  table: string;
  /** Makes room for what is sealed. */
  before: readonly string[];
  seal: (vault: Vault, cipher: JourneyCipher, row: PlainRow) => Record<string, string | null>;
  /** Drops what was in clear; indexes and keys over it go with it. */
  after: readonly string[];
}

const text = (row: PlainRow, column: string): string => row[column] ?? "";
const reasonTable = (table: string, column: typeof sealedExceptionReason): ResealedTable => ({
  table,
  ...columns(table, ["sealed_reason text"], ["reason", "salt"]),
  seal: (_vault, cipher, row) => ({
    sealed_reason: column.seal(cipher, text(row, "journey_id"), text(row, "reason_hash"), { reason: text(row, "reason"), salt: text(row, "salt") }),
  }),
});

function columns(table: string, added: readonly string[], dropped: readonly string[], after: readonly string[] = []) {
  const add = ["is_sealed boolean not null default false", ...added].map((column) => `add column ${column}`);
  const drop = ["is_sealed", ...dropped].map((column) => `drop column ${column}`);
  return { before: [`alter table ${table} ${add.join(", ")}`], after: [`alter table ${table} ${drop.join(", ")}`, ...after] };
}

/** Every table this migration seals, with what becomes of its columns. */
export const RESEALED_TABLES: readonly ResealedTable[] = [
  {
    table: "control_recipes",
    ...columns("control_recipes", ["batch_index text unique", "sealed_recipe text"], ["batch", "equipment"], ["alter table control_recipes alter column batch_index set not null"]),
    seal: (vault, cipher, row) => sealControlRecipe(vault, cipher, text(row, "journey_id"), { batch: text(row, "batch"), equipment: row["equipment"] as unknown as unknown[] }),
  },
  {
    table: "batch_record_entries",
    ...columns("batch_record_entries", ["entry_index text", "sealed_entry text"], ["batch", "entry_id", "entry", "event_hash"], [
      "alter table batch_record_entries alter column entry_index set not null, add unique (journey_id, entry_index)",
    ]),
    seal: (_vault, cipher, row) =>
      sealEntry(cipher, text(row, "journey_id"), { batch: text(row, "batch"), entryId: text(row, "entry_id"), entry: text(row, "entry"), eventHash: row["event_hash"] ?? null }),
  },
  {
    table: "batch_results",
    ...columns("batch_results", ["sealed_results text", "sealed_reason text"], ["body", "certificate", "reason"]),
    seal: (_vault, cipher, row) =>
      sealResults(
        cipher,
        { journey_id: text(row, "journey_id"), results_commitment: text(row, "results_commitment") },
        { body: text(row, "body"), certificate: text(row, "certificate") },
        row["reason"] ?? null,
      ),
  },
  {
    table: "genealogy_edges",
    ...columns(
      "genealogy_edges",
      ["from_index text", "to_index text", "source_index text", "sealed_edge text", "for_tracing_only boolean not null default false"],
      ["from_node", "to_node", "source"],
      [
        "alter table genealogy_edges alter column sealed_edge set not null, add primary key (from_index, to_index, kind, source_index)",
        "create index genealogy_edges_to on genealogy_edges (to_index, from_index)",
        "create index genealogy_edges_source on genealogy_edges (source_index)",
        "create index genealogy_edges_journey on genealogy_edges (journey_id)",
      ],
    ),
    seal: (vault, cipher, row) =>
      sealEdge(vault, cipher, row["journey_id"] ?? null, { from: text(row, "from_node"), to: text(row, "to_node"), source: text(row, "source") }),
  },
  {
    table: "labels",
    ...columns("labels", ["epc_index text", "sealed_label text", "sealed_void_reason text"], ["epc", "content", "reason", "void_reason"], [
      "alter table labels alter column epc_index set not null, add unique (epc_index, version)",
      "create index labels_journey on labels (journey_id, version)",
      "create unique index labels_valid on labels (epc_index) where voided_at_milliseconds is null",
    ]),
    seal(vault, cipher, row) {
      const place = { journey_id: text(row, "journey_id"), label_id: text(row, "label_id") };
      const voidReason = row["void_reason"] ?? null;
      return {
        ...sealLabel(vault, cipher, place, { epc: text(row, "epc"), content: text(row, "content"), reason: row["reason"] ?? null }),
        sealed_void_reason: voidReason === null ? null : sealVoidReason(cipher, place, voidReason),
      };
    },
  },
  {
    table: "issued_identifiers",
    ...columns("issued_identifiers", ["identifier_index text"], ["chain_of_identity"], ["alter table issued_identifiers add primary key (identifier_index)"]),
    seal: (vault, _cipher, row) => ({ identifier_index: issuedIdentifierIndex(vault, text(row, "chain_of_identity")) }),
  },
  reasonTable("exception_reasons", sealedExceptionReason),
  reasonTable("disposition_reasons", sealedDispositionReason),
  {
    table: "capture_jobs",
    ...columns("capture_jobs", ["sealed_errors text"], ["errors"]),
    seal(_vault, cipher, row) {
      const errors = row["errors"] as unknown as unknown[];
      return { sealed_errors: errors.length === 0 ? null : sealedCaptureErrors.seal(cipher, null, text(row, "capture_id"), errors) };
    },
  },
  {
    table: "dead_letters",
    ...columns("dead_letters", ["sealed_letter text"], ["topic", "payload", "detail"]),
    seal: (_vault, cipher, row) => ({
      sealed_letter: sealedDeadLetter.seal(cipher, null, `${row["received_at_milliseconds"]}`, { topic: text(row, "topic"), payload: text(row, "payload"), detail: text(row, "detail") }),
    }),
  },
];
