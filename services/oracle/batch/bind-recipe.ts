import type { Kysely } from "kysely";
import { canonicalJson } from "../../model/canonical-json.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { createControlRecipe } from "../../model/quality/control-recipe.ts";
import type { ControlRecipe, ControlRecipeRequest } from "../../model/quality/control-recipe.ts";
import { masterRecipeSchema } from "../../model/quality/master-recipe.ts";
import type { MasterRecipe } from "../../model/quality/master-recipe.ts";
import type { Database } from "../../store/schema.ts";
import { sealControlRecipe } from "../../store/sealed-batch.ts";
import { journeyCipher, vaultOf } from "../../store/vault/index.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import { lockJourney } from "../journeys/visible.ts";
import type { Journey } from "../journeys/visible.ts";
import { loadControlRecipe } from "./load-record.ts";
import { judgeEarlierEntries } from "./record-entries.ts";

/** Binds a recipe to a journey's batch, once. Throws a problem for what cannot be bound. */
export async function bindRecipe(
  database: Kysely<Database>,
  journey: Journey,
  request: ControlRecipeRequest,
  caller: ParticipantCaller,
): Promise<{ isNew: boolean; control: ControlRecipe }> {
  const { name, version } = request.recipe;
  const row = await database.selectFrom("master_recipes").selectAll().where("name", "=", name).where("version", "=", version).executeTakeFirst();
  if (row === undefined) throw problem(404, "unknown-recipe", `no recipe "${name}" version ${version} is registered`);
  const control = controlOf(masterRecipeSchema.parse(JSON.parse(row.document)), request, journey.journey_id);
  const isNew = await database.transaction().execute(async (transaction) => {
    await lockJourney(transaction, journey.journey_id);
    const cipher = await journeyCipher(transaction, [journey.journey_id]);
    const { batch, equipment } = request;
    const inserted = await transaction
      .insertInto("control_recipes")
      .values({
        journey_id: journey.journey_id,
        ...sealControlRecipe(vaultOf(transaction), cipher, journey.journey_id, { batch, equipment }),
        recipe_hash: row.recipe_hash,
        created_by: caller.participantId,
        created_at_milliseconds: Date.now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("journey_id")
      .executeTakeFirst();
    if (inserted !== undefined) await judgeEarlierEntries(transaction, journey.journey_id);
    return inserted !== undefined;
  });
  if (!isNew) await requireSame(database, control);
  return { isNew, control };
}

function controlOf(master: MasterRecipe, request: ControlRecipeRequest, journeyId: string): ControlRecipe {
  try {
    return createControlRecipe(master, request, journeyId);
  } catch (error) {
    if (error instanceof ThreadlineError) throw problem(400, error.code, error.message, error.details);
    throw error;
  }
}

async function requireSame(database: Kysely<Database>, control: ControlRecipe): Promise<void> {
  const existing = await loadControlRecipe(database, control.journeyId);
  if (existing === undefined) throw problem(409, "batch-taken", `the batch ${control.batch} is another journey's`);
  if (canonicalJson(existing) === canonicalJson(control)) return;
  const { name, version } = existing.recipe;
  throw problem(409, "recipe-bound", `"${name}" version ${version} is bound to this journey as batch ${existing.batch}; a batch keeps its recipe`);
}
