import type { Operation } from "./http/operation.ts";
import { openApiDocument } from "./http/open-api.ts";
import type { OracleMetrics } from "./metrics.ts";
import type { OracleParts } from "./oracle-parts.ts";
import { batchRecordOperations } from "./routes/batch-record.ts";
import { batchResultOperations } from "./routes/batch-results.ts";
import { accessOperations } from "./routes/accesses.ts";
import { accessGrantOperations } from "./routes/access-grants.ts";
import { archiveOperations } from "./routes/archive.ts";
import { captureOperations } from "./routes/capture.ts";
import { captureJobOperations } from "./routes/capture-jobs.ts";
import { clockOperations } from "./routes/clocks.ts";
import { coiIdentifierOperations } from "./routes/coi-identifiers.ts";
import { deviceOperations } from "./routes/devices.ts";
import { dispositionOperations } from "./routes/dispositions.ts";
import { disclosureOperations } from "./routes/disclosure.ts";
import { equipmentAcceptanceOperations } from "./routes/equipment-acceptances.ts";
import { equipmentOperations } from "./routes/equipment.ts";
import { erasureOperations } from "./routes/erasures.ts";
import { eventOperations } from "./routes/events.ts";
import { exceptionOperations } from "./routes/exceptions.ts";
import { fhirOperations } from "./routes/fhir.ts";
import { fhirResourceOperations } from "./routes/fhir-resources.ts";
import { fieldDisclosureOperations } from "./routes/field-disclosures.ts";
import { flowOperations } from "./routes/flows.ts";
import { intervalAcceptanceOperations } from "./routes/interval-acceptances.ts";
import { genealogyOperations } from "./routes/genealogy.ts";
import { identityCheckOperations } from "./routes/identity-checks.ts";
import { journeyRecordOperations } from "./routes/journey-records.ts";
import { journeyOperations } from "./routes/journeys.ts";
import { labelOperations } from "./routes/labels.ts";
import { laneOperations } from "./routes/lanes.ts";
import { legDeviceOperations } from "./routes/leg-devices.ts";
import { legShipperOperations } from "./routes/leg-shipper.ts";
import { milestoneOperations } from "./routes/milestones.ts";
import { operatorOperations } from "./routes/operator.ts";
import { consentOperations } from "./routes/consents.ts";
import { hl7Operations } from "./routes/hl7.ts";
import { patientAuditOperations } from "./routes/patient-audit.ts";
import { patientIdentifierOperations } from "./routes/patient-identifiers.ts";
import { patientMergeOperations } from "./routes/patient-merges.ts";
import { ownKeysOperations } from "./routes/own-keys.ts";
import { signatureOperations } from "./routes/signatures.ts";
import { signingSecretOperations } from "./routes/signing-secrets.ts";
import { signedCaptureOperations } from "./routes/signed-captures.ts";
import { signingRequestOperations } from "./routes/signing-requests.ts";
import { participantOperations } from "./routes/participants.ts";
import { recallOperations } from "./routes/recalls.ts";
import { recipeOperations } from "./routes/recipes.ts";
import { personOperations } from "./routes/persons.ts";
import { releaseOperations } from "./routes/releases.ts";
import { scanOperations } from "./routes/scans.ts";
import { specificationOperations } from "./routes/specifications.ts";
import { streamOperations } from "./routes/stream.ts";
import { systemOperations } from "./routes/system.ts";
import { webhookOperations } from "./routes/webhooks.ts";

/** Every operation of the API, in the order of its document. */
export function oracleOperations(parts: OracleParts, metrics: OracleMetrics, publicUrl: () => string): Operation[] {
  const operations: Operation[] = [
    ...captureOperations(parts),
    ...captureJobOperations(parts),
    ...eventOperations(parts),
    ...journeyOperations(parts),
    ...journeyRecordOperations(parts),
    ...milestoneOperations(parts),
    ...streamOperations(parts),
    ...disclosureOperations(parts),
    ...fieldDisclosureOperations(parts),
    ...archiveOperations(parts),
    ...accessGrantOperations(parts),
    ...accessOperations(parts),
    ...releaseOperations(parts),
    ...dispositionOperations(parts),
    ...recallOperations(parts),
    ...intervalAcceptanceOperations(parts),
    ...exceptionOperations(parts),
    ...webhookOperations(parts),
    ...legDeviceOperations(parts),
    ...legShipperOperations(parts),
    ...clockOperations(parts),
    ...equipmentOperations(parts),
    ...equipmentAcceptanceOperations(parts),
    ...laneOperations(parts),
    ...scanOperations(parts),
    ...identityCheckOperations(parts),
    ...labelOperations(parts),
    ...coiIdentifierOperations(parts),
    ...flowOperations(parts),
    ...recipeOperations(parts),
    ...specificationOperations(parts),
    ...batchRecordOperations(parts),
    ...batchResultOperations(parts),
    ...genealogyOperations(parts),
    ...participantOperations(parts),
    ...personOperations(parts),
    ...ownKeysOperations(parts),
    ...signingRequestOperations(parts),
    ...signedCaptureOperations(parts),
    ...signatureOperations(parts),
    ...signingSecretOperations(parts),
    ...deviceOperations(parts),
    ...patientIdentifierOperations(parts),
    ...patientMergeOperations(parts),
    ...consentOperations(parts),
    ...patientAuditOperations(parts),
    ...hl7Operations(parts),
    ...operatorOperations(parts),
    ...fhirOperations(parts, publicUrl),
    ...fhirResourceOperations(parts, publicUrl),
    ...erasureOperations(parts),
    ...systemOperations(parts, metrics, () => (document ??= openApiDocument(operations, "0.1.0", publicUrl()))),
  ];
  let document: unknown;
  return operations;
}
