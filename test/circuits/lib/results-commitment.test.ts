import { beforeAll, describe, expect, it } from "vitest";
import { MOST_PHASES, MOST_TESTS } from "../../../services/model/quality/index.ts";
import { fullSpecification, goodRecord, honestBatchInputs } from "../support/batches.ts";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";
import { known } from "../support/known.ts";

const PARTS = ["context", "specificationCommitment", "signedAt", "salt", "value", "isLessThan", "isGreaterThan", "isPresent", "startedAt", "completedAt"];

describe("ResultsCommitment", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("results-commitment.circom", `ResultsCommitment(${MOST_TESTS}, ${MOST_PHASES})`)));
  const inputs = honestBatchInputs({ specification: fullSpecification, record: goodRecord(fullSpecification) });
  const parts = Object.fromEntries(PARTS.map((name) => [name, known(inputs[name])]));

  it("commits as the model does", async () => expect(await circuit.read(parts, "commitment")).toBe(BigInt(inputs.resultsCommitment as string)));

  it("changes with every part, in the first and the last place", async () => {
    const commitment = await circuit.read(parts, "commitment");
    for (const name of PARTS) {
      const part = known(parts[name]);
      const changed = typeof part === "string" ? [String(BigInt(part) + 1n)] : [0, part.length - 1].map((place) => part.with(place, String(BigInt(known(part[place])) + 1n)));
      for (const other of changed) expect([name, (await circuit.read({ ...parts, [name]: other }, "commitment")) === commitment]).toEqual([name, false]);
    }
  });
});
