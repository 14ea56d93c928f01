export * from "./client.ts";
export * from "./digest.ts";
export * from "./indexer.ts";
export * from "./json-rpc.ts";
export * from "./keyring.ts";
export * from "./rebuild.ts";
export * from "./relay.ts";
export * from "./revert-reason.ts";
