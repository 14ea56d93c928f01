export * from "./device-client.ts";
export * from "./device-keys.ts";
export * from "./logger.ts";
export * from "./message-signature.ts";
export * from "./messages.ts";
export * from "./play.ts";
export * from "./topics.ts";
export type { LegChoice } from "./assignment-watch.ts";
