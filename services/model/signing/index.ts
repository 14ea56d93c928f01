export * from "./journey-record.ts";
export * from "./meaning.ts";
export * from "./statement.ts";
