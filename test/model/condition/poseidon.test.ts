import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { poseidonChain, poseidonPair } from "../../../services/model/condition/index.ts";
import { isFieldElement } from "../../../services/model/field.ts";
import { projectRoot } from "../../../scripts/circuits/manifest.ts";
import { known } from "../../circuits/support/known.ts";

const path = join(projectRoot, "..", "shared", "data", "iden3-crypto-vectors", "poseidon.json");
if (!existsSync(path)) console.warn("the iden3 Poseidon vectors are absent: their test is skipped");

it.skipIf(!existsSync(path))("agrees with iden3's published Poseidon vectors", () => {
  const { vectors } = JSON.parse(readFileSync(path, "utf8")) as { vectors: { fn: string; inputs: string[]; expected: string[] }[] };
  // One entry of the extract is an error case: it expects the field's order itself, which no hash can be.
  const plain = vectors.filter((vector) => vector.fn === "Hash" && isFieldElement(BigInt(known(vector.expected[0]))));
  expect(plain.length).toBe(11);
  for (const { inputs, expected } of plain) expect([String(poseidonChain(inputs.map(BigInt)))]).toEqual(expected);
});

it("hashes one and two as circomlib does", () => expect(poseidonPair(1n, 2n)).toBe(7853200120776062878684798364095072458815029376092732009249414926327459813530n));

it("refuses an empty chain", () => expect(() => poseidonChain([])).toThrow(RangeError));
