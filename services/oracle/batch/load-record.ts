import type { Kysely } from "kysely";
import { batchEntrySchema } from "../../model/quality/batch-entries.ts";
import type { BatchEntry } from "../../model/quality/batch-entries.ts";
import { createControlRecipe } from "../../model/quality/control-recipe.ts";
import type { ControlRecipe, EquipmentAllocation } from "../../model/quality/control-recipe.ts";
import { masterRecipeSchema } from "../../model/quality/master-recipe.ts";
import type { Database } from "../../store/schema.ts";

/** The control recipe of a journey; undefined when no recipe was bound yet. */
export async function loadControlRecipe(database: Kysely<Database>, journeyId: string): Promise<ControlRecipe | undefined> {
  const row = await database
    .selectFrom("control_recipes")
    .innerJoin("master_recipes", "master_recipes.recipe_hash", "control_recipes.recipe_hash")
    .select(["batch", "equipment", "document"])
    .where("journey_id", "=", journeyId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const master = masterRecipeSchema.parse(JSON.parse(row.document));
  return createControlRecipe(master, { batch: row.batch, equipment: row.equipment as EquipmentAllocation[] }, journeyId);
}

export interface StoredEntry {
  batch: string;
  entry: BatchEntry;
}

/** Entries of a journey in the order in which they were recorded, whatever batch they name. */
export async function loadEntries(database: Kysely<Database>, journeyId: string): Promise<StoredEntry[]> {
  const rows = await database
    .selectFrom("batch_record_entries")
    .select(["batch", "entry"])
    .where("journey_id", "=", journeyId)
    .orderBy("entry_number")
    .execute();
  return rows.map((row) => ({ batch: row.batch, entry: batchEntrySchema.parse(JSON.parse(row.entry)) }));
}
