import { join } from "node:path";
import { Contract, ContractFactory } from "ethers";
import { groth16 } from "snarkjs";
import { readFile } from "node:fs/promises";
import hre from "hardhat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {} from "../../../types/hardhat.d.ts";
import { buildCircuits } from "../../../scripts/circuits/build.ts";
import { directoriesOf, projectRoot } from "../../../scripts/circuits/manifest.ts";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";
import type { CircuitInputs, CircuitName } from "../../../services/model/circuit-inputs.ts";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { identityLinkInputs, identityLinkPublicSignals } from "../../../services/model/identity/index.ts";
import { endCurveWorkers } from "../../../services/proving/prover/curve-workers.ts";
import { proofToCalldata } from "../../../services/proving/prover/proof-calldata.ts";
import { createProverPool } from "../../../services/proving/prover/prover-pool.ts";
import type { MadeProof, ProverPool } from "../../../services/proving/prover/prover-pool.ts";
import { batchReleasePublicSignals } from "../../../services/model/quality/index.ts";
import { batchStatement, fullSpecification, goodRecord, honestBatchInputs } from "../../circuits/support/batches.ts";
import { linkStatement } from "../../circuits/support/identities.ts";

const { circuitsDirectory, buildDirectory } = directoriesOf(projectRoot);

/** Sixteen tests and thirty-two phases. */
const fullBatch = { specification: fullSpecification, record: goodRecord(fullSpecification) };

const CASES: { circuit: CircuitName; verifier: "IdentityLinkDevVerifier" | "BatchReleaseDevVerifier"; inputs: () => CircuitInputs; publicSignals: () => bigint[] }[] = [
  {
    circuit: "identity-link",
    verifier: "IdentityLinkDevVerifier",
    inputs: () => identityLinkInputs(linkStatement()),
    publicSignals: () => identityLinkPublicSignals(linkStatement()).ordered,
  },
  {
    circuit: "batch-release",
    verifier: "BatchReleaseDevVerifier",
    inputs: () => honestBatchInputs(fullBatch),
    publicSignals: () => batchReleasePublicSignals(batchStatement(fullBatch)).ordered,
  },
];

/** A verifier on a fresh in-process chain. */
async function deployVerifier(name: (typeof CASES)[number]["verifier"]): Promise<Contract> {
  const { ethers } = await hre.network.connect();
  const [signer] = await ethers.getSigners();
  const { abi, bytecode } = readArtifact(name);
  const deployed = await new ContractFactory(abi, bytecode, signer as never).deploy();
  await deployed.waitForDeployment();
  return deployed as Contract;
}

describe.each(CASES)("a real proof of $circuit", ({ circuit, verifier, inputs, publicSignals }) => {
  let pool: ProverPool;
  let made: MadeProof;
  let contract: Contract;
  let key: unknown;

  beforeAll(async () => {
    await buildCircuits();
    pool = await createProverPool({ workers: 1, circuitsDirectory, buildDirectory, circuits: [circuit] });
    made = await pool.prove(circuit, inputs());
    contract = await deployVerifier(verifier);
    key = JSON.parse(await readFile(join(circuitsDirectory, "keys", `${circuit}.dev.verification-key.json`), "utf8"));
  });
  afterAll(async () => {
    await pool.close();
    await endCurveWorkers();
  });

  const onChain = async (signals: readonly (bigint | string)[], changes: Partial<ReturnType<typeof proofToCalldata>> = {}): Promise<boolean> => {
    const { a, b, c } = { ...proofToCalldata(made.proof), ...changes };
    return (await contract.getFunction("verifyProof")(a, b, c, signals)) as boolean;
  };

  test("states the model's public signals", () => expect(made.publicSignals).toEqual(publicSignals().map(String)));

  test("is verified by snarkjs and by the generated verifier on a chain", async () => {
    expect(await groth16.verify(key, made.publicSignals, made.proof)).toBe(true);
    expect(await onChain(made.publicSignals)).toBe(true);
  });

  test("is refused by both for another value of any public signal, and for the same one plus the field's order", async () => {
    for (const [place, signal] of made.publicSignals.entries())
      for (const other of [(BigInt(signal) + 1n) % FIELD_ORDER, BigInt(signal) + FIELD_ORDER]) {
        const signals = made.publicSignals.with(place, String(other));
        expect([place, await groth16.verify(key, signals, made.proof), await onChain(signals)]).toEqual([place, false, false]);
      }
  });

  test("is refused on a chain when a point of it is changed", async () => {
    const { a, c } = proofToCalldata(made.proof);
    expect(await onChain(made.publicSignals, { a: c })).toBe(false);
    expect(await onChain(made.publicSignals, { c: a })).toBe(false);
    expect(await onChain(made.publicSignals, { a: [a[0], a[1] + 1n] })).toBe(false);
  });
});
