import type { Kysely } from "kysely";
import { batchEntrySchema } from "../../model/quality/batch-entries.ts";
import type { BatchEntry } from "../../model/quality/batch-entries.ts";
import { createControlRecipe } from "../../model/quality/control-recipe.ts";
import type { ControlRecipe, EquipmentAllocation } from "../../model/quality/control-recipe.ts";
import { masterRecipeSchema } from "../../model/quality/master-recipe.ts";
import type { Database } from "../../store/schema.ts";
import { openControlRecipe, openEntry } from "../../store/sealed-batch.ts";
import { journeyCipher } from "../../store/vault/index.ts";

/** The control recipe of a journey; undefined when no recipe was bound yet, or it was erased. */
export async function loadControlRecipe(database: Kysely<Database>, journeyId: string): Promise<ControlRecipe | undefined> {
  const row = await database
    .selectFrom("control_recipes")
    .innerJoin("master_recipes", "master_recipes.recipe_hash", "control_recipes.recipe_hash")
    .select(["sealed_recipe", "document"])
    .where("journey_id", "=", journeyId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const control = openControlRecipe(await journeyCipher(database, [journeyId]), journeyId, row.sealed_recipe);
  if (control === null) return undefined;
  const master = masterRecipeSchema.parse(JSON.parse(row.document));
  return createControlRecipe(master, { batch: control.batch, equipment: control.equipment as EquipmentAllocation[] }, journeyId);
}

export interface StoredEntry {
  batch: string;
  entry: BatchEntry;
}

/** Entries of a journey in the order in which they were recorded, whatever batch they name; those erased are left out. */
export async function loadEntries(database: Kysely<Database>, journeyId: string): Promise<StoredEntry[]> {
  const rows = await database
    .selectFrom("batch_record_entries")
    .select(["journey_id", "entry_index", "sealed_entry"])
    .where("journey_id", "=", journeyId)
    .orderBy("entry_number")
    .execute();
  const cipher = await journeyCipher(database, [journeyId]);
  return rows.flatMap((row): StoredEntry[] => {
    const kept = openEntry(cipher, row);
    return kept === null ? [] : [{ batch: kept.batch, entry: batchEntrySchema.parse(JSON.parse(kept.entry)) }];
  });
}
