import type { MigrationProvider } from "kysely/migration";
import { initialMigration } from "./0001-initial.ts";
import { batchMigration } from "./0002-batch.ts";
import { dispositionMigration } from "./0002-dispositions.ts";
import { encryptionMigration } from "./0002-encryption.ts";
import { equipmentMigration } from "./0002-equipment.ts";
import { exceptionsMigration } from "./0002-exceptions.ts";
import { fhirMigration } from "./0002-fhir.ts";
import { identityChecksMigration } from "./0002-identity-checks.ts";
import { labelsMigration } from "./0002-labels.ts";
import { patientsMigration } from "./0002-patients.ts";
import { erasureMigration } from "./0003-erasure.ts";
import { accessGrantsMigration } from "./0004-access-grants.ts";
import { sealedIdentityChecksMigration } from "./0005-sealed-identity-checks.ts";
import { accessesMigration } from "./0006-accesses.ts";
import { equipmentAcceptancesMigration } from "./0006-equipment-acceptances.ts";
import { ownKeysMigration } from "./0006-own-keys.ts";
import { sealedRecordsMigration } from "./0006-sealed-records.ts";
import { auditAnchorsMigration } from "./0006-audit-anchors.ts";
import { viewsMigration } from "./0006-views.ts";
import { deadLetterLimitsMigration } from "./0007-dead-letter-limits.ts";
import { signingSecretsMigration } from "./0007-signing-secrets.ts";

/** Every migration in order of its name; a migration that has been released never changes. */
export const migrations: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      "0001-initial": initialMigration,
      "0002-batch": batchMigration,
      "0002-dispositions": dispositionMigration,
      "0002-encryption": encryptionMigration,
      "0002-equipment": equipmentMigration,
      "0002-exceptions": exceptionsMigration,
      "0002-fhir": fhirMigration,
      "0002-identity-checks": identityChecksMigration,
      "0002-labels": labelsMigration,
      "0002-patients": patientsMigration,
      "0003-erasure": erasureMigration,
      "0004-access-grants": accessGrantsMigration,
      "0005-sealed-identity-checks": sealedIdentityChecksMigration,
      "0006-accesses": accessesMigration,
      "0006-audit-anchors": auditAnchorsMigration,
      "0006-equipment-acceptances": equipmentAcceptancesMigration,
      "0006-own-keys": ownKeysMigration,
      "0006-sealed-records": sealedRecordsMigration,
      "0006-views": viewsMigration,
      "0007-dead-letter-limits": deadLetterLimitsMigration,
      "0007-signing-secrets": signingSecretsMigration,
    }),
};
