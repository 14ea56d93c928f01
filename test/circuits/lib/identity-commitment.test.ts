import { beforeAll, describe, expect, it } from "vitest";
import { poseidonChain } from "../../../services/model/condition/index.ts";
import { coiToNumber, identityCommitment } from "../../../services/model/identity/index.ts";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("IdentityCommitment", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("identity-commitment.circom", "IdentityCommitment()")));

  it("commits as the model does", async () => {
    const opening = { coi: "CHW123426AB12CD", patient: "0f".repeat(31), blinding: 99n };
    const inputs = { coi: coiToNumber(opening.coi), patient: BigInt(`0x${opening.patient}`), blinding: 99n };
    expect(await circuit.read(inputs, "commitment")).toBe(identityCommitment(opening));
    expect(await circuit.read({ ...inputs, patient: 0n }, "commitment")).toBe(identityCommitment({ ...opening, patient: null }));
  });

  it("hashes its parts in the documented order", async () => expect(await circuit.read({ coi: 1, patient: 2, blinding: 3 }, "commitment")).toBe(poseidonChain([1n, 2n, 3n])));
});
