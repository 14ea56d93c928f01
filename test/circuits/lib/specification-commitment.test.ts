import { beforeAll, describe, expect, it } from "vitest";
import { MOST_TESTS, RELEASE_STAGES, circuitCriteria, specificationCommitment, specificationDigest } from "../../../services/model/quality/index.ts";
import { fullSpecification, testSpecification } from "../support/batches.ts";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("SpecificationCommitment", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("specification-commitment.circom", `SpecificationCommitment(${MOST_TESTS})`)));

  it.each([testSpecification, fullSpecification])("commits to $name as the model does, at each stage", async (specification) => {
    for (const stage of RELEASE_STAGES) {
      const criteria = circuitCriteria(specification, stage);
      const inputs = {
        documentDigest: specificationDigest(specification),
        minimum: criteria.map(({ minimum }) => minimum),
        maximum: criteria.map(({ maximum }) => maximum),
        isMandatory: criteria.map(({ isMandatory }) => Number(isMandatory)),
      };
      expect(await circuit.read(inputs, "commitment")).toBe(specificationCommitment(specification, stage));
    }
  });
});
