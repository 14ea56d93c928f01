import type { Operation } from "./http/operation.ts";
import { openApiDocument } from "./http/open-api.ts";
import type { OracleMetrics } from "./metrics.ts";
import type { OracleParts } from "./oracle-parts.ts";
import { captureOperations } from "./routes/capture.ts";
import { captureJobOperations } from "./routes/capture-jobs.ts";
import { deviceOperations } from "./routes/devices.ts";
import { disclosureOperations } from "./routes/disclosure.ts";
import { eventOperations } from "./routes/events.ts";
import { fhirOperations } from "./routes/fhir.ts";
import { fhirResourceOperations } from "./routes/fhir-resources.ts";
import { flowOperations } from "./routes/flows.ts";
import { journeyRecordOperations } from "./routes/journey-records.ts";
import { journeyOperations } from "./routes/journeys.ts";
import { legDeviceOperations } from "./routes/leg-devices.ts";
import { operatorOperations } from "./routes/operator.ts";
import { consentOperations } from "./routes/consents.ts";
import { hl7Operations } from "./routes/hl7.ts";
import { patientAuditOperations } from "./routes/patient-audit.ts";
import { patientIdentifierOperations } from "./routes/patient-identifiers.ts";
import { patientMergeOperations } from "./routes/patient-merges.ts";
import { participantOperations } from "./routes/participants.ts";
import { releaseOperations } from "./routes/releases.ts";
import { resolutionOperations } from "./routes/resolutions.ts";
import { scanOperations } from "./routes/scans.ts";
import { streamOperations } from "./routes/stream.ts";
import { systemOperations } from "./routes/system.ts";

/** Every operation of the API, in the order of its document. */
export function oracleOperations(parts: OracleParts, metrics: OracleMetrics, publicUrl: () => string): Operation[] {
  const operations: Operation[] = [
    ...captureOperations(parts),
    ...captureJobOperations(parts),
    ...eventOperations(parts),
    ...journeyOperations(parts),
    ...journeyRecordOperations(parts),
    ...streamOperations(parts),
    ...disclosureOperations(parts),
    ...releaseOperations(parts),
    ...resolutionOperations(parts),
    ...legDeviceOperations(parts),
    ...scanOperations(parts),
    ...flowOperations(parts),
    ...participantOperations(parts),
    ...deviceOperations(parts),
    ...patientIdentifierOperations(parts),
    ...patientMergeOperations(parts),
    ...consentOperations(parts),
    ...patientAuditOperations(parts),
    ...hl7Operations(parts),
    ...operatorOperations(parts),
    ...fhirOperations(parts, publicUrl),
    ...fhirResourceOperations(parts, publicUrl),
    ...systemOperations(parts, metrics, () => (document ??= openApiDocument(operations, "0.1.0", publicUrl()))),
  ];
  let document: unknown;
  return operations;
}
