import { describe, expect, it } from "vitest";
import { createControlRecipe } from "../../../services/model/quality/control-recipe.ts";
import { masterRecipeHash, masterRecipeSchema, recipePhases } from "../../../services/model/quality/master-recipe.ts";
import { BATCH, controlRecipe, recipe } from "./support.ts";

const changed = (change: (draft: ReturnType<typeof recipe>) => void) => {
  const draft = structuredClone(recipe());
  change(draft);
  return masterRecipeSchema.safeParse(draft);
};

type Draft = ReturnType<typeof recipe>;

/** Changes the phase "expansion", the second of the recipe. */
const expansion = (change: (phase: Draft["procedure"][number]["operations"][number]["phases"][number]) => void) => (draft: Draft) =>
  draft.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).filter(({ phase }) => phase === "expansion").forEach(change);
const limits = (change: { minimum?: number; maximum?: number }) => expansion((phase) => phase.parameters.forEach((entry) => Object.assign(entry, change)));

describe("a master recipe", () => {
  it("lists its phases in order, with their place in the procedure", () => {
    expect(recipePhases(recipe()).map(({ unitProcedure, operation, phase }) => [unitProcedure, operation, phase])).toEqual([
      ["upstream", "culture", "transduction"],
      ["upstream", "culture", "expansion"],
      ["fill", "filling", "fill"],
    ]);
  });

  it("has one hash for its content and another for any change of a limit", () => {
    const other = changed(limits({ maximum: 37.6 }));
    expect(masterRecipeHash(recipe())).toBe(masterRecipeHash(masterRecipeSchema.parse(JSON.parse(JSON.stringify(recipe())))));
    expect(masterRecipeHash(masterRecipeSchema.parse(other.data))).not.toBe(masterRecipeHash(recipe()));
  });

  it.each([
    ["two phases of one name", expansion((phase) => (phase.phase = "fill")), "stands twice"],
    ["an unknown equipment class", expansion((phase) => phase.equipment.push("centrifuge")), "centrifuge"],
    ["an unknown material", expansion((phase) => phase.materials.push("serum")), "serum"],
    ["limits the wrong way round", limits({ minimum: 38 }), "minimum"],
    [
      "more than 32 phases",
      (draft: Draft) =>
        draft.procedure[0]?.operations.forEach((operation) => {
          operation.phases = Array.from({ length: 32 }, (_, place) => ({ ...operation.phases[1], phase: `phase-${place}` }) as (typeof operation.phases)[number]);
        }),
      "33 phases",
    ],
  ])("refuses %s", (_, change, message) => {
    const result = changed(change);
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).toContain(message);
  });

  it("is bound to a batch as a control recipe, which refuses equipment of a class it does not use", () => {
    expect(controlRecipe().recipe).toEqual({ name: "car-t-manufacture", version: 1, recipeHash: masterRecipeHash(recipe()) });
    const equipment = [{ equipment: "X1", equipmentClass: "centrifuge", qualifiedFrom: "2026-01-01T00:00:00Z", qualifiedUntil: "2026-02-01T00:00:00Z" }];
    expect(() => createControlRecipe(recipe(), { batch: BATCH, equipment }, "0x")).toThrow(/centrifuge/);
  });
});
