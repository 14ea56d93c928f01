/** Writes the golden vectors beside this file; the same bytes on every run. Run with: node test/vectors/batch-release/make-vectors.ts */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CircuitInputs } from "../../../services/model/circuit-inputs.ts";
import { batchReleasePublicSignals } from "../../../services/model/quality/index.ts";
import type { BatchResults, Specification } from "../../../services/model/quality/index.ts";
import { batchSignedAnew, batchStatement, fullSpecification, goodRecord, honestBatchInputs, testSpecification, withResult } from "../../circuits/support/batches.ts";
import { withElement } from "../../circuits/support/segments.ts";

const generator = "test/vectors/batch-release/make-vectors.ts";

function write(name: string, value: object): void {
  writeFileSync(join(import.meta.dirname, `${name}.json`), `${JSON.stringify({ generator, seed: name, ...value })}\n`);
}

function valid(name: string, specification: Specification, record: BatchResults): void {
  const { ordered } = batchReleasePublicSignals(batchStatement({ specification, record }));
  write(`valid-${name}`, { context: String(batchStatement().context), specification, record, publicSignals: ordered.map(String) });
}

function invalid(name: string, reason: string, change: (inputs: CircuitInputs) => CircuitInputs): void {
  write(`invalid-${name}`, { reason, circuitInputs: change(honestBatchInputs()) });
}

valid("small", testSpecification, goodRecord());
valid("full", fullSpecification, goodRecord(fullSpecification));
valid("first-stage", testSpecification, withResult(goodRecord(testSpecification, { stage: "first" }), "sterility", null));
valid("qualified", testSpecification, withResult(withResult(goodRecord(), "endotoxin", { qualifier: "less-than", value: "0.05", unit: "[EU]/mL" }), "sterility", { qualifier: "not-detected" }));
invalid("missing-test", "a mandatory test has no result", (inputs) => batchSignedAnew(withElement(inputs, "isPresent", 0, 0)));
invalid("below-minimum", "a result is one unit below its minimum", (inputs) => batchSignedAnew(withElement(inputs, "value", 0, 2n ** 63n + 699n)));
invalid("phase-not-completed", "a phase has no end", (inputs) => batchSignedAnew(withElement(inputs, "completedAt", 2, 0)));
invalid("altered-after-signing", "a result is not the signed one", (inputs) => withElement(inputs, "value", 0, 2n ** 63n + 701n));
invalid("borrowed-bit", "a value of 2^64 and more that packs to the signed element", (inputs) => withElement(withElement(inputs, "value", 0, 2n ** 64n + 2n ** 63n + 700n), "isLessThan", 0, -1n));
