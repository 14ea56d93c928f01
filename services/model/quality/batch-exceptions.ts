import type { ExceptionCode } from "../custody/exceptions.ts";
import type { ControlRecipe } from "./control-recipe.ts";
import type { BatchEntry } from "./batch-entries.ts";
import type { PhaseRecord } from "./batch-record.ts";
import type { RecipePhase } from "./master-recipe.ts";

/** One thing in a batch record that differs from its recipe. */
export interface BatchException {
  code: ExceptionCode;
  phase: string;
  /** RFC 3339. */
  at: string;
  observed: number | string;
  limit: number | string;
  unit: string;
  message: string;
  /** The same exception has the same key however often the record is read. */
  key: string;
}

type Finding = Omit<BatchException, "phase" | "at" | "key">;

/** What an entry breaks by itself, whatever comes after it. `before` are the records of the phases in recipe order. */
export function exceptionsOfEntry(
  recipe: ControlRecipe,
  entry: BatchEntry,
  before: readonly PhaseRecord[],
): BatchException[] {
  if (entry.type === "batch-closed") return [];
  const place = recipe.phases.findIndex((phase) => phase.phase === entry.phase);
  const phase = recipe.phases[place];
  const finding = phase === undefined ? unplanned(entry.phase) : findings(recipe, phase, place, entry, before);
  return finding.map((found) => ({ ...found, phase: entry.phase, at: entry.at, key: `entry:${entry.entryId}:${found.code}` }));
}

function unplanned(phase: string): Finding[] {
  return [
    {
      code: "phase-out-of-order",
      observed: phase,
      limit: "a phase of the recipe",
      unit: "phase",
      message: `The phase "${phase}" is not in the control recipe.`,
    },
  ];
}

function findings(
  recipe: ControlRecipe,
  phase: RecipePhase,
  place: number,
  entry: BatchEntry,
  before: readonly PhaseRecord[],
): Finding[] {
  switch (entry.type) {
    case "phase-started":
      return [...started(phase, place, entry.at, before), ...cleared(phase, entry.at, before[place])];
    case "phase-ended":
      return ended(phase, entry.at, before[place]);
    case "parameter":
      return parameter(phase, entry);
    case "equipment-used":
      return equipment(recipe, phase, entry);
    case "material-used":
      return material(phase, entry);
    case "line-cleared":
      return entry.clearedBy === entry.verifiedBy ? [oneClearance(phase, entry.clearedBy)] : [];
    default:
      return [];
  }
}

function started(phase: RecipePhase, place: number, at: string, before: readonly PhaseRecord[]): Finding[] {
  const again = before[place]?.startedAt ?? null;
  const open = before.slice(0, place).find((record) => record.endedAt === null || isBefore(at, record.endedAt));
  const later = before.slice(place + 1).find((record) => record.startedAt !== null);
  const wrong = (observed: string, limit: string, message: string): Finding => ({
    code: "phase-out-of-order", observed, limit, unit: "phase", message,
  });
  if (again !== null) return [wrong(phase.phase, "started once", `The phase "${phase.phase}" was started before, at ${again}.`)];
  if (open !== undefined)
    return [wrong(phase.phase, `${open.phase} ended`, `The phase "${phase.phase}" started although "${open.phase}" had not ended.`)];
  if (later !== undefined)
    return [wrong(phase.phase, `before ${later.phase}`, `The phase "${phase.phase}" started after the later phase "${later.phase}".`)];
  return [];
}

function cleared(phase: RecipePhase, at: string, record: PhaseRecord | undefined): Finding[] {
  if (!phase.lineClearance || record?.lineClearances.some((clearance) => !isBefore(at, clearance.at)) === true) return [];
  const message = `The phase "${phase.phase}" started without a line clearance recorded before it.`;
  return [{ code: "line-clearance-missing", observed: "none", limit: "line clearance before the start", unit: "line clearance", message }];
}

function oneClearance(phase: RecipePhase, clearedBy: string): Finding {
  const message = `The line clearance of "${phase.phase}" was done and verified by the same person.`;
  return { code: "line-clearance-missing", observed: clearedBy, limit: "verified by a second person", unit: "line clearance", message };
}

function ended(phase: RecipePhase, at: string, record: PhaseRecord | undefined): Finding[] {
  const startedAt = record?.startedAt ?? null;
  if (startedAt !== null && !isBefore(at, startedAt) && record?.endedAt === null) return [];
  const message =
    startedAt === null
      ? `The phase "${phase.phase}" ended without a start on record.`
      : `The phase "${phase.phase}" ended twice, or before it started at ${startedAt}.`;
  return [{ code: "phase-out-of-order", observed: at, limit: startedAt ?? "a start", unit: "phase", message }];
}

function parameter(phase: RecipePhase, entry: Extract<BatchEntry, { type: "parameter" }>): Finding[] {
  const wanted = phase.parameters.find((candidate) => candidate.parameter === entry.parameter);
  const wrong = (limit: string, message: string): Finding[] => [
    { code: "parameter-out-of-limit", observed: entry.value, limit, unit: entry.unit, message },
  ];
  if (wanted === undefined)
    return wrong("a parameter of the phase", `"${entry.parameter}" is no parameter of the phase "${phase.phase}".`);
  const limit = `${wanted.minimum ?? "…"} to ${wanted.maximum ?? "…"} ${wanted.unit}`;
  if (wanted.unit !== entry.unit)
    return wrong(limit, `${wanted.title} is measured in ${wanted.unit}, but ${entry.unit} was recorded.`);
  const within = entry.value >= (wanted.minimum ?? -Infinity) && entry.value <= (wanted.maximum ?? Infinity);
  return within ? [] : wrong(limit, `${wanted.title} was ${entry.value} ${entry.unit}; the limit is ${limit}.`);
}

function equipment(
  recipe: ControlRecipe,
  phase: RecipePhase,
  entry: Extract<BatchEntry, { type: "equipment-used" }>,
): Finding[] {
  const allocated = recipe.equipment.filter((candidate) => candidate.equipment === entry.equipment);
  const allowed = allocated.filter((candidate) => phase.equipment.includes(candidate.equipmentClass));
  if (allowed.length === 0)
    return [
      {
        code: "equipment-not-allowed",
        observed: entry.equipment,
        limit: phase.equipment.join(", ") || "no equipment",
        unit: "equipment",
        message: `${entry.equipment} is not allocated to the phase "${phase.phase}" of this batch.`,
      },
    ];
  const qualified = allowed.some(({ qualifiedFrom, qualifiedUntil }) => !isBefore(entry.at, qualifiedFrom) && isBefore(entry.at, qualifiedUntil));
  if (qualified) return [];
  const limit = allowed.map(({ qualifiedFrom, qualifiedUntil }) => `${qualifiedFrom}/${qualifiedUntil}`).join(", ");
  const message = `${entry.equipment} was used at ${entry.at}, when it was not qualified.`;
  return [{ code: "equipment-not-qualified", observed: entry.at, limit, unit: "qualification interval", message }];
}

function material(phase: RecipePhase, entry: Extract<BatchEntry, { type: "material-used" }>): Finding[] {
  const found: Finding[] = [];
  const label = `${entry.material} lot ${entry.lot}`;
  if (!phase.materials.includes(entry.material))
    found.push({
      code: "material-not-specified",
      observed: label,
      limit: phase.materials.join(", ") || "no material",
      unit: "material",
      message: `${label} is not specified for the phase "${phase.phase}".`,
    });
  if (!isBefore(entry.at, entry.expiresAt))
    found.push({
      code: "material-expired",
      observed: entry.at,
      limit: entry.expiresAt,
      unit: "expiry",
      message: `${label} was used at ${entry.at}; it expired at ${entry.expiresAt}.`,
    });
  return found;
}

/** An entry that comes when the batch is closed already is recorded, and flagged. */
export function lateEntry(entry: BatchEntry, closedAt: string): BatchException {
  const phase = entry.type === "batch-closed" ? "" : entry.phase;
  const message = `The entry ${entry.entryId} was recorded after the batch was closed at ${closedAt}.`;
  const key = `entry:${entry.entryId}:late-entry`;
  return { code: "late-entry", phase, at: entry.at, observed: entry.entryId, limit: closedAt, unit: "entry", message, key };
}

/** What is absent once the batch is closed: absence of data is an exception. */
export function exceptionsOfClosing(recipe: ControlRecipe, records: readonly PhaseRecord[], closedAt: string): BatchException[] {
  return recipe.phases.flatMap((phase, place) =>
    absences(phase, records[place]).map((found) => ({
      ...found,
      phase: phase.phase,
      at: closedAt,
      key: `closing:${recipe.batch}:${phase.phase}:${found.code}:${found.limit}`,
    })),
  );
}

function absences(phase: RecipePhase, record: PhaseRecord | undefined): Finding[] {
  const absent = (code: ExceptionCode, limit: string, unit: string, message: string): Finding => ({
    code, observed: "none", limit, unit, message: `The phase "${phase.phase}" ${message}.`,
  });
  const isStarted = typeof record?.startedAt === "string";
  if (record === undefined || !isStarted || record.endedAt === null)
    return [absent("phase-missing", phase.phase, "phase", isStarted ? "was never ended" : "is not on record")];
  const signers = new Set(record.signatures.filter((signature) => signature.meaning !== "reviewed").map((signature) => signature.signer));
  return [
    ...phase.parameters
      .filter((wanted) => !record.parameters.some((entry) => entry.parameter === wanted.parameter))
      .map((wanted) => absent("parameter-missing", wanted.parameter, wanted.unit, `has no value of ${wanted.title}`)),
    ...phase.materials
      .filter((wanted) => !record.materials.some((entry) => entry.material === wanted))
      .map((wanted) => absent("material-missing", wanted, "material", `names no lot of ${wanted}`)),
    ...(record.equipment.length < phase.equipment.length
      ? [absent("equipment-not-allowed", phase.equipment.join(", "), "equipment", "does not name all its equipment")]
      : []),
    ...(signers.size < phase.signatures
      ? [absent("signature-missing", `${phase.signatures} persons`, "signature", `is signed by ${signers.size} of ${phase.signatures} persons`)]
      : []),
  ];
}

function isBefore(left: string, right: string): boolean {
  return Date.parse(left) < Date.parse(right);
}
