export * from "./api-client.ts";
export * from "./key-file.ts";
export * from "./ledger-view.ts";
export * from "./signing-client.ts";
export * from "./signing-key.ts";
export type * from "./requests.ts";
