import { expect, it } from "vitest";
import { poseidonChain } from "../../../services/model/condition/index.ts";
import { libraryCircuit } from "../support/circuit-tester.ts";

it.each([1, 16, 17, 32])("PoseidonChain of %d elements equals the model's", async (length) => {
  const circuit = await libraryCircuit("poseidon-chain.circom", `PoseidonChain(${length})`);
  const elements = Array.from({ length }, (_, index) => BigInt(index * index + 1) << 200n);
  expect(await circuit.read({ elements: elements.map(String) }, "out")).toBe(poseidonChain(elements));
});
