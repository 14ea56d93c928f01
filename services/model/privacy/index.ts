export * from "./access.ts";
export * from "./disclosure.ts";
export * from "./envelope.ts";
export * from "./event-commitment.ts";
export * from "./event-leaves.ts";
export * from "./fast-keccak.ts";
export * from "./key-wrap.ts";
export * from "./retention.ts";
