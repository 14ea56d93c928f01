export * from "./disclosure.ts";
export * from "./event-commitment.ts";
export * from "./event-leaves.ts";
export * from "./fast-keccak.ts";
export * from "./retention.ts";
