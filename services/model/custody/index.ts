export * from "./commitments.ts";
export * from "./exceptions.ts";
export * from "./flow.ts";
export * from "./flow-to-ledger.ts";
export * from "./identifiers.ts";
export * from "./roles.ts";
export * from "./rules.ts";
export * from "./typed-data.ts";
