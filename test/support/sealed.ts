import type { Kysely } from "kysely";
import type { Database } from "../../services/store/schema.ts";
import { journeyCipher, openEvents, sealedDetail } from "../../services/store/vault/index.ts";

/** Every event row of a database, opened, in the order it was stored. */
export async function openedEvents(database: Kysely<Database>) {
  return openEvents(database, await database.selectFrom("events").selectAll().orderBy("event_number").execute());
}

/** Every exception detail of a database, opened. */
export async function openedDetails(database: Kysely<Database>) {
  const rows = await database.selectFrom("exception_details").selectAll().orderBy("code").orderBy("occurred_at").execute();
  const cipher = await journeyCipher(database, rows.map((row) => row.journey_id));
  return rows.map((row) => {
    const content = sealedDetail.open(cipher, row.journey_id, row.exception_key, row.sealed_detail);
    if (content === null) throw new Error(`the detail ${row.exception_key} was erased`);
    return { ...row, ...content };
  });
}
