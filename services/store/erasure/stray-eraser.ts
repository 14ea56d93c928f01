import { sql } from "kysely";
import type { Transaction } from "kysely";
import { canonicalEpc } from "../../model/identity/index.ts";
import { genealogySourceIndex, openEdge } from "../genealogy-rows.ts";
import { identifiersOf } from "../identities.ts";
import type { Database } from "../schema.ts";
import { journeyCipher, openEvents, sealedCaptureErrors, sealedDeadLetter, vaultOf } from "../vault/index.ts";
import type { JourneyCipher } from "../vault/index.ts";
import type { SubjectEraser } from "./eraser.ts";

const ROWS_AT_ONCE = 1_000;

/**
 * What names the subject though no journey holds it: events captured before their journey was opened and never sent
 * again, errors of captures that were refused, telemetry that was refused, genealogy of no journey. They are sealed with
 * the node's own key, so each is opened and read; one that names the subject is destroyed.
 */
export const strayEraser: SubjectEraser = {
  name: "strays",
  async erase(transaction, { journeyId, chainOfIdentity }) {
    if (chainOfIdentity === null) return [];
    const identifiers = (await identifiersOf(transaction, journeyId)).map(({ identifier }) => identifier);
    const names = namesOf(chainOfIdentity, [...identifiers, ...(await eventNames(transaction, journeyId))]);
    const cipher = await journeyCipher(transaction, []);
    const eventHashes = await eraseEvents(transaction, names);
    return [
      { what: "events of no journey that name the subject", count: eventHashes.length },
      { what: "errors of refused captures that name the subject", count: await eraseJobs(transaction, cipher, names) },
      { what: "refused telemetry that names the subject", count: await eraseLetters(transaction, cipher, names) },
      { what: "edges of no journey that name the subject", count: await eraseEdges(transaction, cipher, names, eventHashes) },
    ];
  },
};

/** Errors name events by their ids, or by their hashes. */
async function eventNames(transaction: Transaction<Database>, journeyId: string): Promise<string[]> {
  const rows = await transaction.selectFrom("events").selectAll().where("journey_id", "=", journeyId).execute();
  return (await openEvents(transaction, rows)).flatMap(({ eventId, eventHash }) => [eventId, eventHash.slice(2)]);
}

/** Whether a text names the subject: as it stands, or, in JSON, by another spelling of the same identifier. */
type Names = (text: string) => boolean;

function namesOf(chainOfIdentity: string, identifiers: readonly string[]): Names {
  const known = new Set(identifiers);
  const coi = chainOfIdentity.toUpperCase();
  return (text) => {
    if (text.toUpperCase().includes(coi) || identifiers.some((identifier) => text.includes(identifier))) return true;
    return (text.match(/urn:epc:id:[^\s"'\\]+|https:\/\/[^\s"'\\]+/g) ?? []).some((word) => known.has(canonicalEpc(word.replace(/[,;.)]+$/, ""))));
  };
}

/** Returns the hashes of what was erased: genealogy may have been learned from it. */
async function eraseEvents(transaction: Transaction<Database>, names: Names): Promise<string[]> {
  const hashes: string[] = [];
  for (let last = 0; ; ) {
    const rows = await transaction
      .selectFrom("events")
      .selectAll()
      .where("journey_id", "is", null)
      .where("event_number", ">", last)
      .orderBy("event_number")
      .limit(ROWS_AT_ONCE)
      .execute();
    if (rows.length === 0) return hashes;
    last = rows.at(-1)?.event_number ?? last;
    const found = (await openEvents(transaction, rows)).filter(({ body }) => names(body));
    hashes.push(...found.map(({ eventHash }) => eventHash));
    const numbers = found.map((row) => row.event_number);
    if (numbers.length > 0) await transaction.deleteFrom("events").where("event_number", "in", numbers).execute();
  }
}

async function eraseJobs(transaction: Transaction<Database>, cipher: JourneyCipher, names: Names): Promise<number> {
  let count = 0;
  for (let last = ""; ; ) {
    const rows = await transaction
      .selectFrom("capture_jobs")
      .select(["capture_id", "sealed_errors"])
      .where("sealed_errors", "is not", null)
      .where("capture_id", ">", last)
      .orderBy("capture_id")
      .limit(ROWS_AT_ONCE)
      .execute();
    if (rows.length === 0) return count;
    last = rows.at(-1)?.capture_id ?? last;
    const found = rows
      .filter((row) => names(JSON.stringify(sealedCaptureErrors.open(cipher, null, row.capture_id, row.sealed_errors))))
      .map((row) => row.capture_id);
    count += found.length;
    if (found.length > 0) await transaction.updateTable("capture_jobs").set({ sealed_errors: null }).where("capture_id", "in", found).execute();
  }
}

async function eraseLetters(transaction: Transaction<Database>, cipher: JourneyCipher, names: Names): Promise<number> {
  let count = 0;
  for (let last = 0; ; ) {
    const rows = await transaction
      .selectFrom("dead_letters")
      .selectAll()
      .where("sealed_letter", "is not", null)
      .where("dead_letter_number", ">", last)
      .orderBy("dead_letter_number")
      .limit(ROWS_AT_ONCE)
      .execute();
    if (rows.length === 0) return count;
    last = rows.at(-1)?.dead_letter_number ?? last;
    const found = rows
      .filter((row) => names(JSON.stringify(sealedDeadLetter.open(cipher, null, `${row.received_at_milliseconds}`, row.sealed_letter))))
      .map((row) => row.dead_letter_number);
    count += found.length;
    if (found.length > 0) await transaction.updateTable("dead_letters").set({ sealed_letter: null, payload_digest: null }).where("dead_letter_number", "in", found).execute();
  }
}

async function eraseEdges(transaction: Transaction<Database>, cipher: JourneyCipher, names: Names, eventHashes: readonly string[]): Promise<number> {
  const vault = vaultOf(transaction);
  const learnedFrom = new Set(eventHashes.map((hash) => genealogySourceIndex(vault, hash)));
  const rows = await transaction.selectFrom("genealogy_edges").selectAll().where("journey_id", "is", null).execute();
  const found = rows.filter((row) => {
    const ends = openEdge(cipher, row);
    if (learnedFrom.has(row.source_index)) return true;
    return ends !== null && (names(ends.from) || names(ends.to));
  });
  const sources = [...new Set(found.map((row) => row.source_index))];
  if (sources.length > 0)
    await transaction.deleteFrom("genealogy_edges").where("journey_id", "is", null).where("source_index", "=", sql<string>`any(${sources}::text[])`).execute();
  return found.length;
}
