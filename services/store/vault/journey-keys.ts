import { createHmac, randomBytes } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import { ThreadlineError } from "../../model/errors.ts";
import type { Database } from "../schema.ts";
import { keyNumberOf, openText, sealText } from "../../model/privacy/envelope.ts";
import { vaultOf } from "./vault.ts";
import type { Vault } from "./vault.ts";

/**
 * What a journey's key is for. `identity` seals the link from product to patient and back, which must outlive an
 * erasure where traceability is statutory; `content` seals everything else.
 */
export type KeyPurpose = "identity" | "content";

const PURPOSES: readonly KeyPurpose[] = ["identity", "content"];

/** Number under which rows of no journey are sealed: the node's own key. */
const OWN_KEY_NUMBER = 0;

/** Gives each of these journeys its keys, 32 random bytes each, unless it has them or had them and was erased. */
export async function ensureJourneyKeys(transaction: Transaction<Database>, journeyIds: readonly string[]): Promise<void> {
  const { wrappingKey } = vaultOf(transaction);
  const rows = [...new Set(journeyIds)].flatMap((journeyId) =>
    PURPOSES.map((purpose) => newKeyRow(wrappingKey, journeyId, purpose, 1)),
  );
  if (rows.length === 0) return;
  await transaction.insertInto("journey_keys").values(rows).onConflict((conflict) => conflict.doNothing()).execute();
}

/** A new content key for what follows; what was sealed before stays readable. Returns its number. */
export async function rotateContentKey(transaction: Transaction<Database>, journeyId: string): Promise<number> {
  const newest = await transaction
    .selectFrom("journey_keys")
    .select(["number", "wrapped_key"])
    .where("journey_id", "=", journeyId)
    .where("purpose", "=", "content")
    .orderBy("number", "desc")
    .executeTakeFirst();
  if (newest === undefined || newest.wrapped_key === null) throw erased(journeyId);
  const row = newKeyRow(vaultOf(transaction).wrappingKey, journeyId, "content", newest.number + 1);
  await transaction.insertInto("journey_keys").values(row).execute();
  return row.number;
}

/** Destroys a journey's keys of these purposes: what they sealed cannot be read again, also not from a backup's rows. */
export async function destroyJourneyKeys(
  transaction: Transaction<Database>,
  journeyId: string,
  purposes: readonly KeyPurpose[],
): Promise<void> {
  await transaction
    .updateTable("journey_keys")
    .set({ wrapped_key: null, destroyed_at_milliseconds: Date.now() })
    .where("journey_id", "=", journeyId)
    .where("purpose", "in", purposes)
    .where("wrapped_key", "is not", null)
    .execute();
}

/** The keys themselves, to be wrapped for a recipient; those destroyed are left out. */
export async function journeyKeysOf(
  transaction: Transaction<Database>,
  journeyId: string,
): Promise<{ purpose: KeyPurpose; number: number; key: Uint8Array }[]> {
  const { wrappingKey } = vaultOf(transaction);
  const rows = await transaction.selectFrom("journey_keys").selectAll().where("journey_id", "=", journeyId).orderBy("number").execute();
  return rows.flatMap(({ purpose, number, wrapped_key: wrapped }) => {
    if (wrapped === null) return [];
    const text = openText(wrappingKey, placeOfKey(journeyId, purpose, number), wrapped);
    return [{ purpose, number, key: Buffer.from(text, "base64url") }];
  });
}

function newKeyRow(wrappingKey: Uint8Array, journeyId: string, purpose: KeyPurpose, number: number) {
  const key = randomBytes(32).toString("base64url");
  return {
    journey_id: journeyId,
    purpose,
    number,
    wrapped_key: sealText(wrappingKey, OWN_KEY_NUMBER, placeOfKey(journeyId, purpose, number), key),
    created_at_milliseconds: Date.now(),
    destroyed_at_milliseconds: null,
  };
}

function placeOfKey(journeyId: string, purpose: string, number: number): string {
  return `journey_keys/${journeyId}/${purpose}/${number}`;
}

/** Seals and opens the rows of some journeys. `journeyId` null is a row of no journey, under the node's own key. */
export interface JourneyCipher {
  seal(journeyId: string | null, purpose: KeyPurpose, place: string, text: string): string;
  /** Null when the key it was sealed with is destroyed. */
  open(journeyId: string | null, purpose: KeyPurpose, place: string, envelope: string): string | null;
  /** Keyed hash of a text that only who has the journey's content key can guess at, 64 hex digits. */
  blind(journeyId: string, text: string): string;
}

/** Reads the keys of these journeys. They stay in memory for as long as the cipher is used, and nowhere else. */
export async function journeyCipher(
  database: Kysely<Database>,
  journeyIds: Iterable<string | null>,
): Promise<JourneyCipher> {
  const vault = vaultOf(database);
  const asked = [...new Set(journeyIds)].filter((journeyId) => journeyId !== null);
  const rows =
    asked.length === 0
      ? []
      : await database
          .selectFrom("journey_keys")
          .select(["journey_id", "purpose", "number", "wrapped_key"])
          .where("journey_id", "in", asked)
          .orderBy("number")
          .execute();
  const keys = new Map(
    rows.map((row) => {
      const place = placeOfKey(row.journey_id, row.purpose, row.number);
      const key = row.wrapped_key === null ? null : Buffer.from(openText(vault.wrappingKey, place, row.wrapped_key), "base64url");
      return [place, key] as const;
    }),
  );
  const newest = new Map(rows.map((row) => [`${row.journey_id}/${row.purpose}`, row.number]));
  return cipherOf(vault, keys, newest);
}

function cipherOf(
  vault: Vault,
  keys: ReadonlyMap<string, Uint8Array | null>,
  newest: ReadonlyMap<string, number>,
): JourneyCipher {
  const keyOf = (journeyId: string, purpose: KeyPurpose, number: number): Uint8Array | null => {
    const key = keys.get(placeOfKey(journeyId, purpose, number));
    if (key !== undefined) return key;
    throw new ThreadlineError("journey-key-missing", `the journey ${journeyId} has no ${purpose} key ${number}`, { journeyId, purpose, number });
  };
  return {
    seal(journeyId, purpose, place, text) {
      if (journeyId === null) return sealText(vault.ownKey, OWN_KEY_NUMBER, place, text);
      const number = newest.get(`${journeyId}/${purpose}`) ?? 0;
      // A fact about an erased journey is still a fact for the ledger; what it says is sealed with a key nobody keeps.
      const key = keyOf(journeyId, purpose, number) ?? randomBytes(32);
      return sealText(key, number, `${journeyId}/${place}`, text);
    },
    open(journeyId, purpose, place, envelope) {
      if (journeyId === null) return openText(vault.ownKey, place, envelope);
      const key = keyOf(journeyId, purpose, keyNumberOf(envelope));
      return key === null ? null : openText(key, `${journeyId}/${place}`, envelope);
    },
    blind(journeyId, text) {
      const key = keyOf(journeyId, "content", 1);
      if (key === null) return vault.blindIndex(`erased/${journeyId}`, text);
      return createHmac("sha256", key).update(`threadline/blind/v1\n${text}`, "utf8").digest("hex");
    },
  };
}

function erased(journeyId: string): ThreadlineError {
  return new ThreadlineError("journey-erased", `the journey ${journeyId} has no content key: it was erased, or never had one`, { journeyId });
}
