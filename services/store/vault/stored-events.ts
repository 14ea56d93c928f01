import type { Kysely, Selectable } from "kysely";
import type { Database } from "../schema.ts";
import { journeyCipher } from "./journey-keys.ts";
import type { JourneyCipher } from "./journey-keys.ts";
import { sealedEvent } from "./sealed-rows.ts";
import type { Vault } from "./vault.ts";

type EventRow = Selectable<Database["events"]>;

/** What an event row keeps sealed. */
export interface EventContent {
  eventId: string;
  /** CBV 2.0 event hash, 0x hex. */
  eventHash: string;
  body: string;
  context: string;
  /** 0x hex; null for an event of no journey. */
  salt: string | null;
}

export type OpenedEvent<Row> = Row & EventContent;

/** Columns an event row is opened with. */
export const SEALED_EVENT_COLUMNS = ["events.journey_id as journey_id", "is_error_declaration", "event_hash_index", "sealed_event"] as const;

type SealedRow = Pick<EventRow, "journey_id" | "is_error_declaration" | "event_hash_index" | "sealed_event">;

export const eventIdIndex = (vault: Vault, eventId: string) => vault.blindIndex("events/event_id", eventId);
export const eventHashIndex = (vault: Vault, eventHash: string) => vault.blindIndex("events/event_hash", eventHash);

/** Sealed columns of an event. */
export function sealEvent(
  vault: Vault,
  cipher: JourneyCipher,
  journeyId: string | null,
  isErrorDeclaration: boolean,
  content: EventContent,
) {
  const index = eventHashIndex(vault, content.eventHash);
  return {
    event_id_index: eventIdIndex(vault, content.eventId),
    event_hash_index: index,
    sealed_event: sealedEvent.seal(cipher, journeyId, `${index}/${isErrorDeclaration}`, content),
  };
}

/** Opens event rows in their order; those that were erased are left out. */
export async function openEvents<Row extends SealedRow>(
  database: Kysely<Database>,
  rows: readonly Row[],
): Promise<OpenedEvent<Row>[]> {
  const cipher = await journeyCipher(database, rows.map((row) => row.journey_id));
  return rows.flatMap((row) => {
    const place = `${row.event_hash_index}/${row.is_error_declaration}`;
    const content = sealedEvent.open(cipher, row.journey_id, place, row.sealed_event);
    return content === null ? [] : [{ ...row, ...content }];
  });
}
