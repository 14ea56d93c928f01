import { masterRecipeHash, masterRecipeSchema } from "../../services/model/quality/master-recipe.ts";
import { specificationDocumentHash, specificationSchema } from "../../services/model/quality/specification.ts";
import { BATCH, BIOREACTOR } from "./parties.ts";

/** A short recipe with one of everything: a parameter, equipment, a material, line clearance, two signatures. */
export const recipe = masterRecipeSchema.parse({
  name: "autologous-car-t-manufacture",
  version: 1,
  title: "Manufacture of an autologous CAR-T product",
  product: "Example CAR-T",
  equipmentClasses: [{ equipmentClass: "bioreactor", title: "Bioreactor" }],
  materials: [
    { material: "lentiviral-vector", title: "Lentiviral vector" },
    { material: "culture-medium", title: "Culture medium" },
  ],
  procedure: [
    {
      unitProcedure: "cell-processing",
      title: "Cell processing",
      operations: [
        {
          operation: "culture",
          title: "Culture",
          phases: [
            {
              phase: "activation",
              title: "Cells selected and activated",
              materials: ["culture-medium"],
              lineClearance: true,
            },
            {
              phase: "transduction",
              title: "Cells transduced",
              parameters: [
                { parameter: "multiplicity-of-infection", title: "Multiplicity of infection", unit: "1", minimum: 1, maximum: 5 },
              ],
              equipment: ["bioreactor"],
              materials: ["lentiviral-vector"],
              signatures: 2,
            },
            {
              phase: "expansion",
              title: "Cells expanded",
              parameters: [{ parameter: "culture-temperature", title: "Culture temperature", unit: "Cel", minimum: 36.5, maximum: 37.5 }],
              equipment: ["bioreactor"],
            },
            { phase: "harvest", title: "Cells harvested and washed" },
          ],
        },
      ],
    },
  ],
});

/** Limits taken from public descriptions of academic products (domain reference, section 4.3); a real product states its own. */
export const specification = specificationSchema.parse({
  name: "autologous-car-t-release",
  version: 1,
  recipeHash: masterRecipeHash(recipe),
  tests: [
    { test: "viabilityPercent", title: "Viability", kind: "numeric", unit: "%", decimals: 1, minimum: "70.0", mandatory: true },
    { test: "carPositivePercent", title: "CAR-positive cells", kind: "numeric", unit: "%", decimals: 1, minimum: "20.0", mandatory: true },
    { test: "vectorCopyNumber", title: "Vector copies per cell", kind: "numeric", unit: "{copies}/{cell}", decimals: 2, minimum: "0.02", maximum: "4.99", mandatory: true },
    { test: "endotoxinEuPerMl", title: "Endotoxin", kind: "numeric", unit: "[EU]/mL", decimals: 2, maximum: "3.50", mandatory: true },
    { test: "mycoplasma", title: "Mycoplasma", kind: "qualitative", expected: "negative", mandatory: true },
    { test: "sterility", title: "Sterility", kind: "qualitative", expected: "negative", mandatory: true, late: true },
    { test: "carConstructIdentity", title: "Identity: CAR construct by qPCR", kind: "qualitative", expected: "positive", mandatory: true },
  ],
  phases: [
    { phase: "activation", title: "Cells selected and activated" },
    { phase: "transduction", title: "Cells transduced" },
    { phase: "expansion", title: "Cells expanded" },
    { phase: "harvest", title: "Cells harvested and washed" },
  ],
});

export const specificationHash = specificationDocumentHash(specification);

/** Which equipment this batch may use. */
export const controlRecipe = {
  recipe: { name: recipe.name, version: recipe.version },
  batch: BATCH,
  equipment: [
    { equipment: BIOREACTOR, equipmentClass: "bioreactor", qualifiedFrom: "2026-01-01T00:00:00Z", qualifiedUntil: "2026-12-31T00:00:00Z" },
  ],
};

/** The batch record of a batch without a fault; minutes after the journey's start. */
const ENTRIES: [minute: number, entry: Record<string, unknown>][] = [
  [1_600, { type: "line-cleared", phase: "activation", clearedBy: "OP-01", verifiedBy: "OP-02" }],
  [1_610, { type: "phase-started", phase: "activation", performer: "OP-01" }],
  [1_612, { type: "material-used", phase: "activation", material: "culture-medium", lot: "MED-0042", expiresAt: "2026-10-01T00:00:00Z" }],
  [2_900, { type: "phase-ended", phase: "activation", performer: "OP-01" }],
  [2_905, { type: "signed", phase: "activation", signer: "OP-01", meaning: "performed" }],
  [2_910, { type: "phase-started", phase: "transduction", performer: "OP-01" }],
  [2_911, { type: "equipment-used", phase: "transduction", equipment: BIOREACTOR }],
  [2_915, { type: "material-used", phase: "transduction", material: "lentiviral-vector", lot: "VEC-0007", expiresAt: "2026-09-01T00:00:00Z" }],
  [2_920, { type: "parameter", phase: "transduction", parameter: "multiplicity-of-infection", value: 3, unit: "1" }],
  [4_300, { type: "phase-ended", phase: "transduction", performer: "OP-01" }],
  [4_305, { type: "signed", phase: "transduction", signer: "OP-01", meaning: "performed" }],
  [4_310, { type: "signed", phase: "transduction", signer: "OP-02", meaning: "verified" }],
  [4_320, { type: "phase-started", phase: "expansion", performer: "OP-03" }],
  [4_321, { type: "equipment-used", phase: "expansion", equipment: BIOREACTOR }],
  [6_000, { type: "parameter", phase: "expansion", parameter: "culture-temperature", value: 37, unit: "Cel" }],
  [13_700, { type: "phase-ended", phase: "expansion", performer: "OP-03" }],
  [13_705, { type: "signed", phase: "expansion", signer: "OP-03", meaning: "performed" }],
  [13_710, { type: "phase-started", phase: "harvest", performer: "OP-03" }],
  [13_950, { type: "phase-ended", phase: "harvest", performer: "OP-03" }],
  [13_955, { type: "signed", phase: "harvest", signer: "OP-03", meaning: "performed" }],
  [13_990, { type: "batch-closed", performer: "OP-03" }],
];

export function batchEntries(start: Date): Record<string, unknown>[] {
  return ENTRIES.map(([minute, entry], index) => ({
    entryId: `BATCH-0001-${String(index + 1).padStart(2, "0")}`,
    at: new Date(start.getTime() + minute * 60_000).toISOString(),
    ...entry,
  }));
}

type Result = Record<string, string>;

const RESULTS: Result[] = [
  { test: "viabilityPercent", qualifier: "equal", value: "91.5", unit: "%" },
  { test: "carPositivePercent", qualifier: "equal", value: "38.2", unit: "%" },
  { test: "vectorCopyNumber", qualifier: "equal", value: "2.10", unit: "{copies}/{cell}" },
  { test: "endotoxinEuPerMl", qualifier: "less-than", value: "0.50", unit: "[EU]/mL" },
  { test: "mycoplasma", qualifier: "not-detected" },
  { test: "sterility", qualifier: "negative" },
  { test: "carConstructIdentity", qualifier: "detected" },
];

/** A laboratory's results: a change to a test's result, or null for one that is not there. */
export function results(stage: "first" | "final" = "final", changes: Record<string, Result | null> = {}): Record<string, unknown> {
  const list = RESULTS.flatMap((result) => {
    const change = changes[result["test"] ?? ""];
    return change === null ? [] : [{ ...result, ...change }];
  });
  return { specification: "release", stage, results: list };
}
