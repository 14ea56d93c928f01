import type { Operation } from "./http/operation.ts";
import { openApiDocument } from "./http/open-api.ts";
import type { OracleMetrics } from "./metrics.ts";
import type { OracleParts } from "./oracle-parts.ts";
import { captureOperations } from "./routes/capture.ts";
import { captureJobOperations } from "./routes/capture-jobs.ts";
import { deviceOperations } from "./routes/devices.ts";
import { dispositionOperations } from "./routes/dispositions.ts";
import { disclosureOperations } from "./routes/disclosure.ts";
import { eventOperations } from "./routes/events.ts";
import { exceptionOperations } from "./routes/exceptions.ts";
import { flowOperations } from "./routes/flows.ts";
import { intervalAcceptanceOperations } from "./routes/interval-acceptances.ts";
import { journeyRecordOperations } from "./routes/journey-records.ts";
import { journeyOperations } from "./routes/journeys.ts";
import { legDeviceOperations } from "./routes/leg-devices.ts";
import { operatorOperations } from "./routes/operator.ts";
import { participantOperations } from "./routes/participants.ts";
import { recallOperations } from "./routes/recalls.ts";
import { releaseOperations } from "./routes/releases.ts";
import { scanOperations } from "./routes/scans.ts";
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
    ...streamOperations(parts),
    ...disclosureOperations(parts),
    ...releaseOperations(parts),
    ...dispositionOperations(parts),
    ...recallOperations(parts),
    ...intervalAcceptanceOperations(parts),
    ...exceptionOperations(parts),
    ...webhookOperations(parts),
    ...legDeviceOperations(parts),
    ...scanOperations(parts),
    ...flowOperations(parts),
    ...participantOperations(parts),
    ...deviceOperations(parts),
    ...operatorOperations(parts),
    ...systemOperations(parts, metrics, () => (document ??= openApiDocument(operations, "0.1.0", publicUrl()))),
  ];
  let document: unknown;
  return operations;
}
