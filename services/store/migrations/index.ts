import type { MigrationProvider } from "kysely/migration";
import { initialMigration } from "./0001-initial.ts";
import { batchMigration } from "./0002-batch.ts";
import { exceptionsMigration } from "./0002-exceptions.ts";
import { fhirMigration } from "./0002-fhir.ts";
import { identityChecksMigration } from "./0002-identity-checks.ts";
import { labelsMigration } from "./0002-labels.ts";
import { patientsMigration } from "./0002-patients.ts";

/** Every migration in order of its name; a migration that has been released never changes. */
export const migrations: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      "0001-initial": initialMigration,
      "0002-batch": batchMigration,
      "0002-exceptions": exceptionsMigration,
      "0002-fhir": fhirMigration,
      "0002-identity-checks": identityChecksMigration,
      "0002-labels": labelsMigration,
      "0002-patients": patientsMigration,
    }),
};
