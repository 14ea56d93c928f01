export { createOracle } from "./oracle.ts";
export type { Oracle, OracleConfiguration, OracleDependencies } from "./oracle.ts";
export { DEFAULT_LIMITS } from "./oracle-parts.ts";
export type { HealthReport, OracleLimits, ReadModelAdministration } from "./oracle-parts.ts";
export { apiKeyHash, newApiKey } from "./http/api-keys.ts";
export { prepareDocument } from "./capture/prepare.ts";
export { captureBatch } from "./capture/capture-batch.ts";
export type { Submission, SubmissionOutcome } from "./capture/capture-batch.ts";
