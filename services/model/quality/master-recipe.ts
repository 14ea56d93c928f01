import { z } from "zod";
import { keccak256, toUtf8Bytes } from "ethers";
import { canonicalJson } from "../canonical-json.ts";

/** Most phases of a recipe: the circuit `batch-release` has a place for each. */
export const MAXIMUM_PHASES = 32;

export const recipeName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name is lower-case letters, digits and hyphens");
const title = z.string().min(1).max(120);
/** A unit as UCUM writes it (`Cel`, `min`, `10*6/mL`); fixed here, so that no entry can mean another. */
export const unitSchema = z.string().regex(/^[\x21-\x7e]{1,32}$/, "a unit of UCUM, without blanks");

/** A critical process parameter with its limits, both included (ICH Q8: its variability bears on a quality attribute). */
const parameterSchema = z
  .strictObject({
    parameter: recipeName,
    title,
    unit: unitSchema,
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  })
  .refine(({ minimum, maximum }) => minimum !== undefined || maximum !== undefined, {
    error: "a parameter has a minimum, a maximum or both",
  })
  .refine(({ minimum, maximum }) => (minimum ?? -Infinity) <= (maximum ?? Infinity), {
    error: "the minimum is above the maximum",
  });

const phaseSchema = z.strictObject({
  phase: recipeName,
  title,
  parameters: z.array(parameterSchema).max(32).default([]),
  /** Equipment classes of which one item each is needed. */
  equipment: z.array(recipeName).max(16).default([]),
  materials: z.array(recipeName).max(32).default([]),
  /** The room and line are shown to be clear of another batch before the phase starts (EU GMP Part IV, 9.16 ff). */
  lineClearance: z.boolean().default(false),
  /** Different persons who must sign the phase: 2 is performed and verified (21 CFR 211.188 (b) (11)). */
  signatures: z.int().min(0).max(2).default(1),
});

const operationSchema = z.strictObject({ operation: recipeName, title, phases: z.array(phaseSchema).min(1) });
const unitProcedureSchema = z.strictObject({
  unitProcedure: recipeName,
  title,
  operations: z.array(operationSchema).min(1),
});

/**
 * A master recipe by the names of ISA-88 (IEC 61512-1): procedure → unit procedures → operations → phases, with the
 * equipment and the materials they may use. A version is never changed; its hash stands in the specification.
 */
export const masterRecipeSchema = z
  .strictObject({
    name: recipeName,
    version: z.int().min(1).max(0xffff),
    title,
    product: title,
    equipmentClasses: z.array(z.strictObject({ equipmentClass: recipeName, title })).max(64).default([]),
    materials: z
      .array(z.strictObject({ material: recipeName, title, gtin: z.string().regex(/^\d{14}$/).optional() }))
      .max(128)
      .default([]),
    procedure: z.array(unitProcedureSchema).min(1),
  })
  .superRefine((recipe, context) => {
    const issue = (message: string) => context.addIssue({ code: "custom", path: ["procedure"], message });
    const phases = recipePhases(recipe);
    if (phases.length > MAXIMUM_PHASES) issue(`has ${phases.length} phases; ${MAXIMUM_PHASES} is the most`);
    const equipment = names(recipe.equipmentClasses.map((entry) => entry.equipmentClass), issue);
    const materials = names(recipe.materials.map((entry) => entry.material), issue);
    names(phases.map((phase) => phase.phase), issue);
    for (const phase of phases) {
      names(phase.parameters.map((parameter) => parameter.parameter), issue);
      for (const wanted of phase.equipment)
        if (!equipment.has(wanted)) issue(`phase "${phase.phase}" names the unknown equipment class "${wanted}"`);
      for (const wanted of phase.materials)
        if (!materials.has(wanted)) issue(`phase "${phase.phase}" names the unknown material "${wanted}"`);
    }
  });

function names(list: readonly string[], issue: (message: string) => void): Set<string> {
  const seen = new Set<string>();
  for (const name of list) {
    if (seen.has(name)) issue(`"${name}" stands twice`);
    seen.add(name);
  }
  return seen;
}

export type MasterRecipe = z.output<typeof masterRecipeSchema>;
export type RecipePhase = z.output<typeof phaseSchema> & { unitProcedure: string; operation: string };

/** Phases in the order in which they must be done, with where they stand in the procedure. */
export function recipePhases(recipe: Pick<MasterRecipe, "procedure">): RecipePhase[] {
  return recipe.procedure.flatMap(({ unitProcedure, operations }) =>
    operations.flatMap(({ operation, phases }) => phases.map((phase) => ({ ...phase, unitProcedure, operation }))),
  );
}

/** Canonical text of a recipe, the one that is hashed. */
export function masterRecipeDocument(recipe: MasterRecipe): string {
  return canonicalJson(recipe);
}

/** keccak-256 of the canonical text: `recipeHash` in a specification, and by it in the flow. */
export function masterRecipeHash(recipe: MasterRecipe): string {
  return keccak256(toUtf8Bytes(masterRecipeDocument(recipe)));
}
