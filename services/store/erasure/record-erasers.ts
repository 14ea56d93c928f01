import { sql } from "kysely";
import type { Transaction } from "kysely";
import { issuedIdentifierIndex } from "../identities.ts";
import type { Database } from "../schema.ts";
import { vaultOf } from "../vault/index.ts";
import { erasedIndex } from "./erased-index.ts";
import type { ErasedPart, SubjectEraser } from "./eraser.ts";

/** 64 random hexadecimal digits for each row, as `erasedIndex` makes them. */
const RANDOM_INDEX = sql<string>`'erased:' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')`;

/** Labels printed for the journey: what stands on them, their containers, and why they were reprinted or voided. */
export const labelEraser: SubjectEraser = {
  name: "labels",
  async erase(transaction, { journeyId }) {
    const rows = await transaction
      .updateTable("labels")
      .set({ sealed_label: null, sealed_void_reason: null, epc_index: RANDOM_INDEX })
      .where("journey_id", "=", journeyId)
      .where("sealed_label", "is not", null)
      .returning("label_id")
      .execute();
    return [{ what: "labels with their containers and reasons", count: rows.length }];
  },
};

/** Batch record entries and laboratory results with the salts of their commitments; the batch itself is traceability's. */
export const batchEraser: SubjectEraser = {
  name: "batch",
  async erase(transaction, { journeyId, isTraceabilityKept }) {
    const entries = await transaction
      .updateTable("batch_record_entries")
      .set({ sealed_entry: null, entry_index: RANDOM_INDEX })
      .where("journey_id", "=", journeyId)
      .where("sealed_entry", "is not", null)
      .returning("entry_number")
      .execute();
    const results = await transaction
      .updateTable("batch_results")
      .set({ sealed_results: null, sealed_reason: null })
      .where("journey_id", "=", journeyId)
      .where("sealed_results", "is not", null)
      .returning("results_commitment")
      .execute();
    return [
      { what: "batch record entries", count: entries.length },
      { what: "laboratory results, their certificates and the salts of their commitments", count: results.length },
      await eraseBatch(transaction, journeyId, isTraceabilityKept),
    ];
  },
};

const BATCH = "the batch and its equipment";

async function eraseBatch(transaction: Transaction<Database>, journeyId: string, isKept: boolean): Promise<ErasedPart> {
  const ofJourney = transaction.selectFrom("control_recipes").select("batch_index").where("journey_id", "=", journeyId).where("sealed_recipe", "is not", null);
  if (isKept) return { what: BATCH, count: (await ofJourney.execute()).length, isKept };
  const rows = await transaction
    .updateTable("control_recipes")
    .set({ sealed_recipe: null, batch_index: RANDOM_INDEX })
    .where("journey_id", "=", journeyId)
    .where("sealed_recipe", "is not", null)
    .returning("journey_id")
    .execute();
  return { what: BATCH, count: rows.length };
}

/**
 * Genealogy of the journey. Kept for traceability, which is of starting and raw materials too, it is shown to who may
 * trace; the index of what each edge was learned from goes at once, since it is made of an event's guessable text.
 */
export const genealogyEraser: SubjectEraser = {
  name: "genealogy",
  async erase(transaction, { journeyId, isTraceabilityKept: isKept }) {
    const what = "edges of the genealogy: donor, donation, material, batch, patient";
    const rows = isKept
      ? await transaction
          .updateTable("genealogy_edges")
          .set({ for_tracing_only: true, source_index: RANDOM_INDEX })
          .where("journey_id", "=", journeyId)
          .returning("kind")
          .execute()
      : await transaction.deleteFrom("genealogy_edges").where("journey_id", "=", journeyId).returning("kind").execute();
    return [{ what, count: rows.length, ...(isKept ? { isKept } : {}) }];
  },
};

/** Texts and salts behind the hashes that exceptions and dispositions were signed with. */
export const reasonEraser: SubjectEraser = {
  name: "reasons",
  async erase(transaction, { journeyId }) {
    const eraseIn = async (table: "exception_reasons" | "disposition_reasons") =>
      transaction.updateTable(table).set({ sealed_reason: null }).where("journey_id", "=", journeyId).where("sealed_reason", "is not", null).returning("reason_hash").execute();
    const rows = [...(await eraseIn("exception_reasons")), ...(await eraseIn("disposition_reasons"))];
    return [{ what: "reasons of exceptions and dispositions, with their salts", count: rows.length }];
  },
};

/** That the Chain of Identity was issued here. That one was, and by whom, stays; which one, does not. */
export const issuedIdentifierEraser: SubjectEraser = {
  name: "issued identifiers",
  async erase(transaction, { chainOfIdentity, isTraceabilityKept: isKept }) {
    const what = "the record that the Chain of Identity was issued here";
    if (chainOfIdentity === null) return [{ what, count: 0 }];
    const index = issuedIdentifierIndex(vaultOf(transaction), chainOfIdentity);
    if (isKept) {
      const rows = await transaction.selectFrom("issued_identifiers").select("issued_by").where("identifier_index", "=", index).execute();
      return [{ what, count: rows.length, isKept }];
    }
    const rows = await transaction
      .updateTable("issued_identifiers")
      .set({ identifier_index: erasedIndex() })
      .where("identifier_index", "=", index)
      .returning("issued_by")
      .execute();
    return [{ what, count: rows.length }];
  },
};
