import type { Transaction } from "kysely";
import { recordException } from "../../store/exception-details.ts";
import type { Database } from "../../store/schema.ts";
import { recordBatchEntries } from "./record-entries.ts";
import type { NewBatchEntries } from "./record-entries.ts";

/**
 * Records the entries an EPCIS event carries. The event is a fact whatever it says, so an entry id that stands for other
 * content already is no refusal here but an exception beside the event.
 */
export async function recordCarried(transaction: Transaction<Database>, added: NewBatchEntries & { eventHash: string }): Promise<void> {
  const { conflicting } = await recordBatchEntries(transaction, added);
  for (const entryId of conflicting) {
    const entry = added.entries.find((candidate) => candidate.entryId === entryId);
    await recordException(transaction, {
      journeyId: added.journeyId,
      code: "entry-conflict",
      leg: null,
      occurredAt: Date.parse(entry?.at ?? "") / 1000,
      observed: entryId,
      limit: "one content for one entry id",
      unit: "entry",
      message: `The batch record entry ${entryId} is on record with other content.`,
      key: `event:${added.eventHash}:${entryId}`,
    });
  }
}
