import { mkdirSync } from "node:fs";
import { PGlite, types as pgliteTypes } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { ThreadlineError } from "../model/errors.ts";
import { lockDirectory } from "./lock.ts";
import type { DirectoryLock } from "./lock.ts";
import { migrations } from "./migrations/index.ts";
import { refuseNestedUse } from "./nested-use.ts";
import type { Database } from "./schema.ts";
import { attachVault, createVault } from "./vault/index.ts";
import type { Vault } from "./vault/index.ts";

/** Exactly one of the three: a PostgreSQL URL, a directory for PGlite, or memory for tests. */
export interface DatabaseOptions {
  url?: string;
  directory?: string;
  memory?: boolean;
  /** The node's secret, which what parties disclosed is sealed with; needed for everything but the read model. */
  secret?: Uint8Array;
}

export interface OpenDatabase {
  database: Kysely<Database>;
  close(): Promise<void>;
}

/**
 * Opens a node's database and brings its tables up to date. PGlite locks nothing itself, so its directory is locked
 * here: a second process gets `directory-locked`. Throws `migration-failed` when a migration does not run.
 */
export async function createDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const vault = options.secret === undefined ? null : createVault(options.secret);
  if (options.url !== undefined) return open(await migrated(postgres(options.url), vault), null);
  if (options.memory === true) return open(await migrated(pglite(undefined), vault), null);
  if (options.directory === undefined)
    throw new ThreadlineError("database-not-named", "name a database: a PostgreSQL URL, a directory, or memory");
  mkdirSync(options.directory, { recursive: true });
  const lock = lockDirectory(options.directory);
  try {
    return open(await migrated(pglite(options.directory), vault), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function open(database: Kysely<Database>, lock: DirectoryLock | null): OpenDatabase {
  return {
    database: refuseNestedUse(database),
    async close() {
      await database.destroy();
      lock?.release();
    },
  };
}

function pglite(directory: string | undefined): Kysely<Database> {
  const options = { parsers: { [pgliteTypes.INT8]: Number } };
  const create = () => (directory === undefined ? PGlite.create(options) : PGlite.create(directory, options));
  return new Kysely<Database>({ dialect: new PGliteDialect({ pglite: create }) });
}

function postgres(url: string): Kysely<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    types: {
      getTypeParser: ((oid: number, format?: "text" | "binary") =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** Migrations seal what they find in clear, so the vault is there before them. */
async function migrated(database: Kysely<Database>, vault: Vault | null): Promise<Kysely<Database>> {
  if (vault !== null) attachVault(database, vault);
  const { error } = await new Migrator({ db: database, provider: migrations }).migrateToLatest();
  if (error === undefined) return database;
  await database.destroy();
  const reason = error instanceof Error ? error.message : JSON.stringify(error);
  throw new ThreadlineError("migration-failed", `the database could not be brought up to date: ${reason}`, {}, { cause: error });
}
