export * from "./batch-circuit-inputs.ts";
export * from "./batch-results.ts";
export * from "./criterion.ts";
export * from "./evaluate-batch.ts";
export * from "./result-encoding.ts";
export * from "./signals.generated.ts";
export * from "./specification.ts";
