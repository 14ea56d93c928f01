export * from "./audit-chain.ts";
export * from "./consent.ts";
export * from "./crosswalk.ts";
export * from "./local-identifier.ts";
export * from "./pseudonym.ts";
