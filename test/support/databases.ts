import { randomBytes } from "node:crypto";
import { describe } from "vitest";
import pg from "pg";
import { createDatabase } from "../../services/store/database.ts";
import { TEST_SECRET } from "./secret.ts";
import type { OpenDatabase } from "../../services/store/database.ts";

const POSTGRESQL_URL = process.env["THREADLINE_TEST_DATABASE_URL"];

/**
 * Runs the same tests on PGlite and, when THREADLINE_TEST_DATABASE_URL names a PostgreSQL whose user may create
 * databases, on PostgreSQL in a database of its own.
 */
export function describeDatabases(tests: (open: () => Promise<OpenDatabase>) => void): void {
  describe("PGlite", () => tests(() => createDatabase({ memory: true, secret: TEST_SECRET })));
  if (POSTGRESQL_URL === undefined) {
    console.warn("THREADLINE_TEST_DATABASE_URL is not set: the tests on PostgreSQL are skipped");
    describe.skip("PostgreSQL", () => tests(() => createDatabase({ memory: true, secret: TEST_SECRET })));
    return;
  }
  describe("PostgreSQL", () => tests(() => openPostgresql(POSTGRESQL_URL)));
}

/** Opens an empty database in memory, or in a PostgreSQL database of its own where one is named for tests. */
export function openTestDatabase(): Promise<OpenDatabase> {
  return POSTGRESQL_URL === undefined ? createDatabase({ memory: true, secret: TEST_SECRET }) : openPostgresql(POSTGRESQL_URL);
}

async function openPostgresql(url: string): Promise<OpenDatabase> {
  const name = `threadline_test_${randomBytes(6).toString("hex")}`;
  const administer = async (statement: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await administer(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const opened = await createDatabase({ url: own.href, secret: TEST_SECRET });
  return {
    database: opened.database,
    async close() {
      await opened.close();
      await administer(`drop database ${name}`);
    },
  };
}
