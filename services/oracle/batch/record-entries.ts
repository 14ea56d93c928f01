import type { Transaction } from "kysely";
import { canonicalJson } from "../../model/canonical-json.ts";
import { foldBatchRecord } from "../../model/quality/batch-record.ts";
import type { BatchEntry } from "../../model/quality/batch-entries.ts";
import { materialLotNode } from "../../model/quality/genealogy.ts";
import { recordException } from "../../store/exception-details.ts";
import type { Database } from "../../store/schema.ts";
import { sealEntry } from "../../store/sealed-batch.ts";
import { journeyCipher } from "../../store/vault/index.ts";
import { lockJourney } from "../journeys/visible.ts";
import { insertEdges } from "./genealogy-edges.ts";
import { loadControlRecipe, loadEntries } from "./load-record.ts";
import type { StoredEntry } from "./load-record.ts";

export interface NewBatchEntries {
  journeyId: string;
  /** Batch the entries name, a URI. */
  batch: string;
  entries: readonly BatchEntry[];
  /** CBV event hash of the EPCIS event they came in, null for JSON. */
  eventHash: string | null;
  recordedBy: string;
}

export interface RecordedEntries {
  recorded: string[];
  /** On record already, with the same content. */
  known: string[];
  /** On record already with other content: not recorded. */
  conflicting: string[];
}

/**
 * Records entries once each and raises what they break, in the caller's transaction. Entries of a journey whose recipe is not
 * bound yet are kept, and judged when it is.
 */
export async function recordBatchEntries(transaction: Transaction<Database>, added: NewBatchEntries): Promise<RecordedEntries> {
  const { journeyId, batch } = added;
  // Each judges what the one before it wrote.
  await lockJourney(transaction, journeyId);
  const before = await loadEntries(transaction, journeyId);
  const known = new Map(before.map((stored) => [stored.entry.entryId, textOf(stored)]));
  const outcome: RecordedEntries = { recorded: [], known: [], conflicting: [] };
  const fresh: StoredEntry[] = [];
  for (const entry of added.entries) {
    const text = known.get(entry.entryId);
    if (text === undefined) {
      fresh.push({ batch, entry });
      known.set(entry.entryId, textOf({ batch, entry }));
      outcome.recorded.push(entry.entryId);
    } else if (text === textOf({ batch, entry })) outcome.known.push(entry.entryId);
    else outcome.conflicting.push(entry.entryId);
  }
  if (fresh.length > 0) await insertEntries(transaction, added, fresh);
  await raiseNew(transaction, journeyId, before, [...before, ...fresh]);
  return outcome;
}

/** Judges what was recorded before its recipe was bound. */
export async function judgeEarlierEntries(transaction: Transaction<Database>, journeyId: string): Promise<void> {
  await lockJourney(transaction, journeyId);
  await raiseNew(transaction, journeyId, [], await loadEntries(transaction, journeyId));
}

function textOf(stored: StoredEntry): string {
  return canonicalJson(stored);
}

async function insertEntries(transaction: Transaction<Database>, added: NewBatchEntries, fresh: readonly StoredEntry[]): Promise<void> {
  const { journeyId, eventHash, recordedBy } = added;
  const recordedAt = Date.now();
  const cipher = await journeyCipher(transaction, [journeyId]);
  await transaction
    .insertInto("batch_record_entries")
    .values(
      fresh.map(({ batch, entry }) => ({
        journey_id: journeyId,
        ...sealEntry(cipher, journeyId, { batch, entryId: entry.entryId, entry: canonicalJson(entry), eventHash }),
        recorded_by: recordedBy,
        recorded_at_milliseconds: recordedAt,
      })),
    )
    .execute();
  const edges = fresh.flatMap(({ batch, entry }) =>
    entry.type === "material-used"
      ? [{ from: materialLotNode(entry.material, entry.lot, entry.gtin), to: batch, kind: "material" as const, source: `entry:${journeyId}:${entry.entryId}` }]
      : [],
  );
  await insertEdges(transaction, edges.map((edge) => ({ ...edge, journeyId, recordedBy })));
}

/** Raises what the record breaks now and did not before; the ledger takes each exception once anyway. */
async function raiseNew(
  transaction: Transaction<Database>,
  journeyId: string,
  before: readonly StoredEntry[],
  after: readonly StoredEntry[],
): Promise<void> {
  const recipe = await loadControlRecipe(transaction, journeyId);
  if (recipe === undefined) return;
  const ofBatch = (list: readonly StoredEntry[]) => list.filter(({ batch }) => batch === recipe.batch).map(({ entry }) => entry);
  const seen = new Set(foldBatchRecord(recipe, ofBatch(before)).exceptions.map(({ key }) => key));
  for (const found of foldBatchRecord(recipe, ofBatch(after)).exceptions) {
    if (seen.has(found.key)) continue;
    const { code, at, observed, limit, unit, message, key } = found;
    await recordException(transaction, { journeyId, code, leg: null, occurredAt: Date.parse(at) / 1000, observed, limit, unit, message, key });
  }
  for (const { batch, entry } of after.slice(before.length).filter((stored) => stored.batch !== recipe.batch))
    await recordException(transaction, {
      journeyId,
      code: "identity-mismatch",
      leg: null,
      occurredAt: Date.parse(entry.at) / 1000,
      observed: batch,
      limit: recipe.batch,
      unit: "batch",
      message: `The batch record entry ${entry.entryId} names the batch ${batch}, which is not this journey's.`,
      key: `entry:${entry.entryId}:batch`,
    });
}
