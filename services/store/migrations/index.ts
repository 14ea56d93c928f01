import type { MigrationProvider } from "kysely/migration";
import { initialMigration } from "./0001-initial.ts";
import { dispositionMigration } from "./0002-dispositions.ts";
import { exceptionsMigration } from "./0002-exceptions.ts";

/** Every migration in order of its name; a migration that has been released never changes. */
export const migrations: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      "0001-initial": initialMigration,
      "0002-dispositions": dispositionMigration,
      "0002-exceptions": exceptionsMigration,
    }),
};
