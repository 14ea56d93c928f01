import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../../scripts/circuits/manifest.ts";
import { identityLinkInputs } from "../../../services/model/identity/index.ts";
import { batchResultsSchema, specificationSchema } from "../../../services/model/quality/index.ts";
import { honestBatchInputs } from "../support/batches.ts";
import { projectCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester, Inputs } from "../support/circuit-tester.ts";

const load = <T>(circuit: string, prefix: string): [string, T][] => {
  const directory = join(projectRoot, "test", "vectors", circuit);
  return readdirSync(directory)
    .filter((file) => file.startsWith(prefix))
    .map((file) => [file, JSON.parse(readFileSync(join(directory, file), "utf8")) as T]);
};

type Invalid = { circuitInputs: Inputs };
type ValidLink = { statement: { context: string; coi: string; patient: string | null; blinding: string; linkedBlinding: string }; publicSignals: string[] };
type ValidBatch = { context: string; specification: unknown; record: unknown; publicSignals: string[] };

describe("golden vectors of identity-link", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit("identity-link")));

  it.each(load<ValidLink>("identity-link", "valid-"))("%s has the public signals on record", async (_file, { statement, publicSignals }) => {
    const { coi, patient, context, blinding, linkedBlinding } = statement;
    const inputs = identityLinkInputs({ coi, patient, context: BigInt(context), blinding: BigInt(blinding), linkedBlinding: BigInt(linkedBlinding) });
    expect((await circuit.witness(inputs)).slice(1, 1 + publicSignals.length).map(String)).toEqual(publicSignals);
  });

  it.each(load<Invalid>("identity-link", "invalid-"))("%s is refused", async (_file, { circuitInputs }) => expect(await circuit.refuses(circuitInputs)).toBe(true));
});

describe("golden vectors of batch-release", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit("batch-release")));

  it.each(load<ValidBatch>("batch-release", "valid-"))("%s has the public signals on record", async (_file, vector) => {
    const statement = { specification: specificationSchema.parse(vector.specification), record: batchResultsSchema.parse(vector.record), context: BigInt(vector.context) };
    expect((await circuit.witness(honestBatchInputs(statement))).slice(1, 1 + vector.publicSignals.length).map(String)).toEqual(vector.publicSignals);
  });

  it.each(load<Invalid>("batch-release", "invalid-"))("%s is refused", async (_file, { circuitInputs }) => expect(await circuit.refuses(circuitInputs)).toBe(true));
});

it.each(["identity-link", "batch-release"])("there are at least four vectors of each kind of %s", (circuit) => {
  expect(load(circuit, "valid-").length).toBeGreaterThanOrEqual(4);
  expect(load(circuit, "invalid-").length).toBeGreaterThanOrEqual(4);
});
