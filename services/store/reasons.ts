import type { Kysely } from "kysely";
import type { Database } from "./schema.ts";
import { journeyCipher, sealedDispositionReason, sealedExceptionReason } from "./vault/index.ts";

/** The text behind a salted hash that was signed; `salt` hex. */
export interface SaltedReason {
  reason: string;
  salt: string;
}

const COLUMNS = { exception_reasons: sealedExceptionReason, disposition_reasons: sealedDispositionReason };

/** The sealed column of a reason. */
export async function sealReason(
  database: Kysely<Database>,
  table: keyof typeof COLUMNS,
  journeyId: string,
  reasonHash: string,
  reason: SaltedReason,
): Promise<string> {
  return COLUMNS[table].seal(await journeyCipher(database, [journeyId]), journeyId, reasonHash, reason);
}

/** Reasons of one journey by their hashes; those that were erased are left out. */
export async function reasonsOf(database: Kysely<Database>, table: keyof typeof COLUMNS, journeyId: string): Promise<Map<string, SaltedReason>> {
  const rows = await database.selectFrom(table).select(["reason_hash", "sealed_reason"]).where("journey_id", "=", journeyId).execute();
  const cipher = await journeyCipher(database, [journeyId]);
  return new Map(
    rows.flatMap(({ reason_hash: hash, sealed_reason: sealed }): [string, SaltedReason][] => {
      const opened = COLUMNS[table].open(cipher, journeyId, hash, sealed);
      return opened === null ? [] : [[hash, opened]];
    }),
  );
}
