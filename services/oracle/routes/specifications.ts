import { z } from "zod";
import { recipePhases, masterRecipeSchema } from "../../model/quality/master-recipe.ts";
import { specificationDocument, specificationDocumentHash, specificationSchema } from "../../model/quality/index.ts";
import type { Specification } from "../../model/quality/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { nameSchema, versionText } from "../schemas/common.ts";

const header = z.strictObject({ name: z.string(), version: z.int(), documentHash: z.string() });

/** Release specifications: versioned, registered on the ledger with their document, and never changed. */
export function specificationOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const register = operation({
    operationId: "registerSpecification",
    method: "post",
    path: "/specifications",
    tag: "batch",
    summary: "Register a version of a release specification; a flow names it by its document hash",
    body: specificationSchema,
    responses: {
      200: { description: "This very document is registered already.", schema: header },
      201: { description: "Registered; the ledger follows.", schema: header },
      409: { description: "This version has other content, or its recipe is not registered or has other phases." },
    },
    async handle({ body }) {
      const { name, version } = body;
      await requireRecipe(body);
      const document = specificationDocument(body);
      const documentHash = specificationDocumentHash(body);
      const isNew = await database.transaction().execute(async (transaction) => {
        const inserted = await transaction
          .insertInto("specifications")
          .values({ name, version, document, document_hash: documentHash })
          .onConflict((conflict) => conflict.doNothing())
          .returning("name")
          .executeTakeFirst();
        if (inserted === undefined) return false;
        const idempotencyKey = `register-specification:${documentHash}`;
        await enqueueOperation(transaction, { idempotencyKey, kind: "register-specification", journeyId: null, payload: { document } });
        return true;
      });
      const answer = { body: { name, version, documentHash }, headers: { Location: `/specifications/${name}/${version}` } };
      if (isNew) {
        parts.onOperation();
        return { status: 201, ...answer };
      }
      const existing = await find(name, version);
      if (existing?.document_hash === documentHash) return { status: 200, ...answer };
      throw problem(409, "specification-exists", `specification "${name}" version ${version} is registered with other content; a changed one needs a new version number`, {
        existing: { name, version, documentHash: existing?.document_hash },
      });
    },
  });

  const get = operation({
    operationId: "getSpecification",
    method: "get",
    path: "/specifications/{name}/{version}",
    tag: "batch",
    summary: "One version of a release specification",
    parameters: z.strictObject({ name: nameSchema, version: versionText }),
    responses: {
      200: { description: "The specification; its hash is Keccak-256 of its canonical JSON.", schema: specificationSchema },
      404: { description: "No such version." },
    },
    async handle({ path }) {
      const row = await find(path.name, path.version);
      if (row === undefined) throw problem(404, "unknown-specification", `no specification "${path.name}" version ${path.version} is registered`);
      return { status: 200, body: JSON.parse(row.document), headers: { ETag: `"${row.document_hash}"` } };
    },
  });

  function find(name: string, version: number) {
    return database.selectFrom("specifications").selectAll().where("name", "=", name).where("version", "=", version).executeTakeFirst();
  }

  /** The phases that are proven must be those of the recipe, in its order. */
  async function requireRecipe({ recipeHash, phases }: Specification): Promise<void> {
    const row = await database.selectFrom("master_recipes").select("document").where("recipe_hash", "=", recipeHash).executeTakeFirst();
    if (row === undefined) throw problem(409, "recipe-not-registered", `no master recipe has the hash ${recipeHash}; register it with POST /recipes first`);
    const expected = recipePhases(masterRecipeSchema.parse(JSON.parse(row.document))).map(({ phase }) => phase);
    const given = phases.map(({ phase }) => phase);
    if (JSON.stringify(given) !== JSON.stringify(expected))
      throw problem(409, "phases-differ", `the recipe's phases are ${expected.join(", ")}; the specification lists ${given.join(", ")}`, { expected, given });
  }

  return [register, get];
}
