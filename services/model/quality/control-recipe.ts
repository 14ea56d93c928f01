import { z } from "zod";
import { ThreadlineError } from "../errors.ts";
import { masterRecipeHash, recipeName, recipePhases } from "./master-recipe.ts";
import type { MasterRecipe, RecipePhase } from "./master-recipe.ts";

/** An item of equipment allocated to a batch, with the interval over which its qualification holds (RFC 3339). */
const allocationSchema = z.strictObject({
  equipment: z.string().min(1).max(60),
  equipmentClass: recipeName,
  qualifiedFrom: z.iso.datetime({ offset: true }),
  qualifiedUntil: z.iso.datetime({ offset: true }),
});

/** What binds a master recipe to one batch: the batch's identifier and the equipment allocated to it. */
export const controlRecipeRequestSchema = z.strictObject({
  recipe: z.strictObject({ name: recipeName, version: z.int().min(1).max(0xffff) }),
  /** Batch identifier: a URI, the `transformationID` of its EPCIS events. */
  batch: z.url().max(300),
  equipment: z.array(allocationSchema).max(64).default([]),
});

export type ControlRecipeRequest = z.output<typeof controlRecipeRequestSchema>;
export type EquipmentAllocation = z.output<typeof allocationSchema>;

/** A control recipe (ISA-88): the recipe as it is run, for one batch of one journey. */
export interface ControlRecipe {
  journeyId: string;
  batch: string;
  recipe: { name: string; version: number; recipeHash: string };
  phases: RecipePhase[];
  materials: string[];
  equipment: EquipmentAllocation[];
}

/** Binds a master recipe to a batch. Throws `equipment-class-unknown` for an allocation the recipe has no use for. */
export function createControlRecipe(
  master: MasterRecipe,
  request: Pick<ControlRecipeRequest, "batch" | "equipment">,
  journeyId: string,
): ControlRecipe {
  const classes = new Set(master.equipmentClasses.map((entry) => entry.equipmentClass));
  const stranger = request.equipment.find((allocation) => !classes.has(allocation.equipmentClass));
  if (stranger !== undefined)
    throw new ThreadlineError(
      "equipment-class-unknown",
      `${stranger.equipment} is allocated as "${stranger.equipmentClass}", which ${master.name} version ${master.version} does not use`,
      { equipment: stranger.equipment, equipmentClass: stranger.equipmentClass },
    );
  return {
    journeyId,
    batch: request.batch,
    recipe: { name: master.name, version: master.version, recipeHash: masterRecipeHash(master) },
    phases: recipePhases(master),
    materials: master.materials.map((entry) => entry.material),
    equipment: request.equipment,
  };
}
