import type { BatchEntry, BatchEntryOf } from "./batch-entries.ts";
import { exceptionsOfClosing, exceptionsOfEntry, lateEntry } from "./batch-exceptions.ts";
import type { BatchException } from "./batch-exceptions.ts";
import type { ControlRecipe } from "./control-recipe.ts";

/** What is on record of one phase of a batch. Times are RFC 3339 as they were recorded. */
export interface PhaseRecord {
  phase: string;
  title: string;
  unitProcedure: string;
  operation: string;
  startedAt: string | null;
  endedAt: string | null;
  performers: string[];
  parameters: Pick<BatchEntryOf<"parameter">, "parameter" | "value" | "unit" | "at">[];
  equipment: Pick<BatchEntryOf<"equipment-used">, "equipment" | "at">[];
  materials: Omit<BatchEntryOf<"material-used">, "type" | "entryId" | "phase">[];
  lineClearances: Pick<BatchEntryOf<"line-cleared">, "clearedBy" | "verifiedBy" | "at">[];
  signatures: Pick<BatchEntryOf<"signed">, "signer" | "meaning" | "at">[];
  comments: Pick<BatchEntryOf<"comment">, "author" | "text" | "at">[];
}

/** An electronic batch record (21 CFR 211.188, EU GMP Part IV 6.32): everything on record, and what of it is wrong. */
export interface BatchRecord {
  journeyId: string;
  batch: string;
  recipe: ControlRecipe["recipe"];
  phases: PhaseRecord[];
  closedAt: string | null;
  /** Every phase started and ended, in order, and the batch closed. */
  phasesCompleted: boolean;
  exceptions: BatchException[];
}

/**
 * Folds entries, in the order in which they were recorded, into the batch record. What an entry breaks is an exception
 * from that entry on; what is absent is one once the batch is closed, so that a batch under way is not flagged.
 */
export function foldBatchRecord(recipe: ControlRecipe, entries: readonly BatchEntry[]): BatchRecord {
  const phases = recipe.phases.map(emptyPhase);
  const exceptions: BatchException[] = [];
  let closedAt: string | null = null;
  for (const entry of entries) {
    exceptions.push(...exceptionsOfEntry(recipe, entry, phases));
    if (closedAt !== null) exceptions.push(lateEntry(entry, closedAt));
    if (entry.type !== "batch-closed") apply(phases.find((record) => record.phase === entry.phase), entry);
    else if (closedAt === null) exceptions.push(...exceptionsOfClosing(recipe, phases, (closedAt = entry.at)));
  }
  const outOfOrder = exceptions.some(({ code }) => code === "phase-out-of-order" || code === "phase-missing");
  return {
    journeyId: recipe.journeyId,
    batch: recipe.batch,
    recipe: recipe.recipe,
    phases,
    closedAt,
    phasesCompleted: closedAt !== null && !outOfOrder,
    exceptions,
  };
}

function emptyPhase({ phase, title, unitProcedure, operation }: ControlRecipe["phases"][number]): PhaseRecord {
  return {
    phase, title, unitProcedure, operation, startedAt: null, endedAt: null, performers: [], parameters: [],
    equipment: [], materials: [], lineClearances: [], signatures: [], comments: [],
  };
}

function apply(record: PhaseRecord | undefined, entry: Exclude<BatchEntry, { type: "batch-closed" }>): void {
  if (record === undefined) return;
  const { at } = entry;
  switch (entry.type) {
    case "phase-started":
      record.startedAt ??= at;
      addPerformer(record, entry.performer);
      break;
    case "phase-ended":
      record.endedAt ??= at;
      addPerformer(record, entry.performer);
      break;
    case "parameter":
      record.parameters.push({ parameter: entry.parameter, value: entry.value, unit: entry.unit, at });
      break;
    case "equipment-used":
      record.equipment.push({ equipment: entry.equipment, at });
      break;
    case "material-used": {
      const { type: _type, entryId: _entryId, phase: _phase, ...material } = entry;
      record.materials.push(material);
      break;
    }
    case "line-cleared":
      record.lineClearances.push({ clearedBy: entry.clearedBy, verifiedBy: entry.verifiedBy, at });
      break;
    case "signed":
      record.signatures.push({ signer: entry.signer, meaning: entry.meaning, at });
      break;
    case "comment":
      record.comments.push({ author: entry.author, text: entry.text, at });
      break;
  }
}

function addPerformer(record: PhaseRecord, performer: string): void {
  if (!record.performers.includes(performer)) record.performers.push(performer);
}
