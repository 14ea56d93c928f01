import type { BatchEntry } from "../../../services/model/quality/batch-entries.ts";
import { createControlRecipe } from "../../../services/model/quality/control-recipe.ts";
import { masterRecipeSchema } from "../../../services/model/quality/master-recipe.ts";
import type { MasterRecipe } from "../../../services/model/quality/master-recipe.ts";

export const BATCH = "https://id.example.org/transformation/BATCH-0001";

/** Three phases: an activation with everything a phase can ask for, an expansion, a fill. */
export function recipe(): MasterRecipe {
  return masterRecipeSchema.parse({
    name: "car-t-manufacture",
    version: 1,
    title: "CAR-T manufacture",
    product: "Example CAR-T",
    equipmentClasses: [{ equipmentClass: "bioreactor", title: "Bioreactor" }],
    materials: [{ material: "vector", title: "Lentiviral vector" }, { material: "medium", title: "Culture medium" }],
    procedure: [
      {
        unitProcedure: "upstream",
        title: "Upstream",
        operations: [
          {
            operation: "culture",
            title: "Culture",
            phases: [
              {
                phase: "transduction",
                title: "Transduction",
                parameters: [{ parameter: "multiplicity-of-infection", title: "Multiplicity of infection", unit: "1", minimum: 1, maximum: 5 }],
                equipment: ["bioreactor"],
                materials: ["vector"],
                lineClearance: true,
                signatures: 2,
              },
              {
                phase: "expansion",
                title: "Expansion",
                parameters: [{ parameter: "temperature", title: "Culture temperature", unit: "Cel", minimum: 36.5, maximum: 37.5 }],
              },
            ],
          },
        ],
      },
      { unitProcedure: "fill", title: "Fill", operations: [{ operation: "filling", title: "Filling", phases: [{ phase: "fill", title: "Fill" }] }] },
    ],
  });
}

export function controlRecipe() {
  return createControlRecipe(
    recipe(),
    {
      batch: BATCH,
      equipment: [
        { equipment: "9506000134BIO1", equipmentClass: "bioreactor", qualifiedFrom: "2026-01-01T00:00:00Z", qualifiedUntil: "2026-12-31T00:00:00Z" },
      ],
    },
    `0x${"11".repeat(32)}`,
  );
}

type Draft = BatchEntry extends infer Entry ? (Entry extends BatchEntry ? Omit<Entry, "entryId" | "at"> : never) : never;

/** Entries in order, one a minute from 2026-03-12T08:00Z on. */
export function timed(drafts: readonly Draft[]): BatchEntry[] {
  return drafts.map((draft, index) => ({
    ...draft,
    entryId: `entry-${index + 1}`,
    at: new Date(Date.UTC(2026, 2, 12, 8, index)).toISOString(),
  }) as BatchEntry);
}

/** A batch without a fault. */
export function goodDrafts(): Draft[] {
  return [
    { type: "line-cleared", phase: "transduction", clearedBy: "op-1", verifiedBy: "op-2" },
    { type: "phase-started", phase: "transduction", performer: "op-1" },
    { type: "equipment-used", phase: "transduction", equipment: "9506000134BIO1" },
    { type: "material-used", phase: "transduction", material: "vector", lot: "VEC-7", expiresAt: "2026-09-01T00:00:00Z" },
    { type: "parameter", phase: "transduction", parameter: "multiplicity-of-infection", value: 3, unit: "1" },
    { type: "phase-ended", phase: "transduction", performer: "op-1" },
    { type: "signed", phase: "transduction", signer: "op-1", meaning: "performed" },
    { type: "signed", phase: "transduction", signer: "op-2", meaning: "verified" },
    { type: "phase-started", phase: "expansion", performer: "op-1" },
    { type: "parameter", phase: "expansion", parameter: "temperature", value: 37, unit: "Cel" },
    { type: "phase-ended", phase: "expansion", performer: "op-1" },
    { type: "signed", phase: "expansion", signer: "op-1", meaning: "performed" },
    { type: "phase-started", phase: "fill", performer: "op-1" },
    { type: "phase-ended", phase: "fill", performer: "op-1" },
    { type: "signed", phase: "fill", signer: "op-1", meaning: "performed" },
    { type: "batch-closed", performer: "op-1" },
  ];
}
