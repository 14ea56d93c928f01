import { createHmac, hkdfSync } from "node:crypto";
import type { Kysely } from "kysely";
import { ThreadlineError } from "../../model/errors.ts";
import type { Database } from "../schema.ts";

/** The node's keys for what it keeps sealed, all derived from its secret with HKDF-SHA-256 (RFC 5869). */
export interface Vault {
  /**
   * Keyed blind index of a value in one column, 64 hex digits: HMAC-SHA-256, so that equal values can be found while the
   * database alone tells nothing of them, however few values there could be.
   */
  blindIndex(column: string, value: string): string;
  /** Wraps journey keys. */
  wrappingKey: Uint8Array;
  /** Seals what belongs to no journey (yet). */
  ownKey: Uint8Array;
}

const SHORTEST_SECRET_BYTES = 32;

/** Throws `secret-too-short` for a secret below 32 bytes. */
export function createVault(secret: Uint8Array): Vault {
  if (secret.length < SHORTEST_SECRET_BYTES)
    throw new ThreadlineError(
      "secret-too-short",
      `the node's secret has ${secret.length} bytes; give it ${SHORTEST_SECRET_BYTES} random ones`,
    );
  const derive = (purpose: string) => new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), purpose, 32));
  const indexKey = derive("threadline/blind-index/v1");
  return {
    blindIndex: (column, value) => createHmac("sha256", indexKey).update(`${column}\n${value}`, "utf8").digest("hex"),
    wrappingKey: derive("threadline/journey-keys/v1"),
    ownKey: derive("threadline/own-rows/v1"),
  };
}

/** A database and its transactions share their adapter; so the vault goes wherever a transaction does. */
const vaults = new WeakMap<object, Vault>();

export function attachVault(database: Kysely<Database>, vault: Vault): void {
  vaults.set(database.getExecutor().adapter, vault);
}

/** The vault of a database or of a transaction on it. Throws `vault-missing` when it was opened without a secret. */
export function vaultOf(database: Kysely<Database>): Vault {
  const vault = vaults.get(database.getExecutor().adapter);
  if (vault !== undefined) return vault;
  throw new ThreadlineError("vault-missing", "the database was opened without the node's secret, which what it keeps is sealed with");
}
