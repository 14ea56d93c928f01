import type { MigrationProvider } from "kysely/migration";
import { initialMigration } from "./0001-initial.ts";
import { fhirMigration } from "./0002-fhir.ts";
import { patientsMigration } from "./0002-patients.ts";

/** Every migration in order of its name; a migration that has been released never changes. */
export const migrations: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      "0001-initial": initialMigration,
      "0002-fhir": fhirMigration,
      "0002-patients": patientsMigration,
    }),
};
