export * from "./bridge.ts";
export * from "./device-token.ts";
export * from "./embedded-broker.ts";
export type { SealedSegmentNotice } from "./batch-store.ts";
export type { TelemetryCounters } from "./counters.ts";
export { legAt, presentLeg } from "./leg-directory.ts";
export { messageOfBody } from "./message-verification.ts";
