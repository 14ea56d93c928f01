import type { Kysely, Selectable, Transaction } from "kysely";
import { expiryDaysOf, traceabilityOf } from "../../model/privacy/retention.ts";
import type { Retention } from "../../model/privacy/retention.ts";
import { identityIndex, openIdentities } from "../identities.ts";
import type { Database } from "../schema.ts";
import { openEvents, vaultOf } from "../vault/index.ts";
import type { ErasedPart, SubjectEraser } from "./eraser.ts";

export interface ErasureRequest {
  /** A journey id, or the Chain of Identity of one. */
  subject: string;
  /** Why, in words that name nobody. */
  reason: string;
  /** Expiry date of the batch, YYYY-MM-DD, where no event on record names it. */
  batchExpiry?: string | undefined;
}

export interface Erasure {
  journeyId: string;
  erasedAtMilliseconds: number;
  erased: ErasedPart[];
  /** What the law holds back, and which parts that is; null when nothing is. */
  kept: (Retention & { parts: ErasedPart[] }) | null;
}

/**
 * Erases a subject in one database transaction, whole or not at all, and keeps a record that it was done (GDPR,
 * Article 5(2)) which names nobody. Asked again, it erases what the law held back and holds back no more. Null when
 * there is no such journey, or its Chain of Identity is erased already and it is asked for by that.
 */
export async function eraseSubject(
  database: Kysely<Database>,
  erasers: readonly SubjectEraser[],
  request: ErasureRequest,
  nowMilliseconds = Date.now(),
): Promise<Erasure | null> {
  return database.transaction().execute(async (transaction) => {
    const journey = await transaction
      .selectFrom("journeys")
      .selectAll()
      .where((where) =>
        where.or([
          where("journey_id", "=", request.subject.toLowerCase()),
          where("identity_index", "=", identityIndex(vaultOf(transaction), request.subject)),
        ]),
      )
      .forUpdate()
      .executeTakeFirst();
    if (journey === undefined) return null;
    const journeyId = journey.journey_id;
    const today = new Date(nowMilliseconds).toISOString().slice(0, 10);
    const expiryDays = await expiryDaysOnRecord(transaction, journey, request.batchExpiry);
    const retention = traceabilityOf(await recordedEvents(transaction, journeyId), expiryDays, today);
    const isTraceabilityKept = retention.isKept && journey.sealed_identity !== null;
    const chainOfIdentity = (await openIdentities(transaction, [journey])).get(journeyId)?.chainOfIdentity ?? null;
    const erased: ErasedPart[] = [];
    for (const eraser of erasers) erased.push(...(await eraser.erase(transaction, { journeyId, chainOfIdentity, isTraceabilityKept })));
    const erasedAt = journey.erased_at_milliseconds ?? nowMilliseconds;
    await transaction.updateTable("journeys").set({ erased_at_milliseconds: erasedAt }).where("journey_id", "=", journeyId).execute();
    await transaction
      .insertInto("erasures")
      .values({
        journey_id: journeyId,
        reason: request.reason,
        erased: JSON.stringify(erased),
        kept_until: isTraceabilityKept ? retention.until : null,
        is_link_kept: isTraceabilityKept,
        batch_expiry: expiryDays.sort().at(-1) ?? null,
        erased_at_milliseconds: nowMilliseconds,
      })
      .execute();
    const partsOf = (kept: boolean) => erased.filter(({ isKept, count }) => (isKept === true) === kept && (!kept || count > 0));
    return {
      journeyId,
      erasedAtMilliseconds: erasedAt,
      erased: partsOf(false),
      kept: isTraceabilityKept ? { ...retention, parts: partsOf(true) } : null,
    };
  });
}

async function recordedEvents(transaction: Transaction<Database>, journeyId: string): Promise<number> {
  const row = await transaction
    .selectFrom("events")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("journey_id", "=", journeyId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** From the events while they can be read, from the request, and from erasures before. */
async function expiryDaysOnRecord(
  transaction: Transaction<Database>,
  { journey_id: journeyId }: Selectable<Database["journeys"]>,
  batchExpiry: string | undefined,
): Promise<string[]> {
  const rows = await transaction.selectFrom("events").selectAll().where("journey_id", "=", journeyId).execute();
  const events = await openEvents(transaction, rows);
  const before = await transaction.selectFrom("erasures").select("batch_expiry").where("journey_id", "=", journeyId).execute();
  return [
    ...events.flatMap((event) => expiryDaysOf(JSON.parse(event.body), JSON.parse(event.context))),
    ...before.flatMap((row) => (row.batch_expiry === null ? [] : [row.batch_expiry])),
    ...(batchExpiry === undefined ? [] : [batchExpiry]),
  ];
}
