import { z } from "zod";
import { masterRecipeDocument, masterRecipeHash, masterRecipeSchema } from "../../model/quality/master-recipe.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { nameSchema, versionText } from "../schemas/common.ts";

const recipeHeader = z.strictObject({ name: z.string(), version: z.int(), recipeHash: z.string() });

/** Master recipes: versioned, and never changed once registered. */
export function recipeOperations({ database }: OracleParts): Operation[] {
  const register = operation({
    operationId: "registerRecipe",
    method: "post",
    path: "/recipes",
    tag: "batch",
    summary: "Register a version of a master recipe (ISA-88); a specification names it by its hash",
    body: masterRecipeSchema,
    responses: {
      200: { description: "This very document is registered already.", schema: recipeHeader },
      201: { description: "Registered.", schema: recipeHeader },
      409: { description: "This version is registered with other content; a changed recipe is a new version." },
    },
    async handle({ body }) {
      const { name, version } = body;
      const recipeHash = masterRecipeHash(body);
      const inserted = await database
        .insertInto("master_recipes")
        .values({ name, version, document: masterRecipeDocument(body), recipe_hash: recipeHash })
        .onConflict((conflict) => conflict.doNothing())
        .returning("name")
        .executeTakeFirst();
      const headers = { Location: `/recipes/${name}/${version}` };
      if (inserted !== undefined) return { status: 201, body: { name, version, recipeHash }, headers };
      const existing = await find(name, version);
      if (existing?.recipe_hash === recipeHash) return { status: 200, body: { name, version, recipeHash }, headers };
      throw problem(409, "recipe-exists", `recipe "${name}" version ${version} is registered with other content; a changed recipe needs a new version number`, {
        existing: { name, version, recipeHash: existing?.recipe_hash },
      });
    },
  });

  const get = operation({
    operationId: "getRecipe",
    method: "get",
    path: "/recipes/{name}/{version}",
    tag: "batch",
    summary: "One version of a master recipe",
    parameters: z.strictObject({ name: nameSchema, version: versionText }),
    responses: {
      200: { description: "The recipe; its hash is keccak-256 of its canonical JSON.", schema: masterRecipeSchema },
      404: { description: "No such version." },
    },
    async handle({ path }) {
      const row = await find(path.name, path.version);
      if (row === undefined) throw problem(404, "unknown-recipe", `no recipe "${path.name}" version ${path.version} is registered`);
      return { status: 200, body: JSON.parse(row.document), headers: { ETag: `"${row.recipe_hash}"` } };
    },
  });

  function find(name: string, version: number) {
    return database.selectFrom("master_recipes").selectAll().where("name", "=", name).where("version", "=", version).executeTakeFirst();
  }

  return [register, get];
}
