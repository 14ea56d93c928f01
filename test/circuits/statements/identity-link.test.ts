import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { IDENTITY_LINK, coiToNumber, identityCommitment, identityLinkInputs, identityLinkPublicSignals } from "../../../services/model/identity/index.ts";
import { FIELD_ORDER, invertFieldElement } from "../../../services/model/field.ts";
import { projectCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";
import { freeWires } from "../support/constraint-system.ts";
import { committedAnew, linkStatement } from "../support/identities.ts";

const MINUS_ONE = FIELD_ORDER - 1n;

/** The first public signal: its value is the verifier's to give, not the prover's. */
const CONTEXT_WIRE = 1;

describe("identity-link", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit("identity-link")));
  const honest = identityLinkInputs(linkStatement());
  const changed = (changes: Record<string, bigint>) => ({ ...honest, ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, String(value)])) });

  it("accepts the same identity under two blindings, with and without a patient", async () => {
    expect(await circuit.refuses(honest)).toBe(false);
    expect(await circuit.refuses(identityLinkInputs(linkStatement({ patient: null })))).toBe(false);
  });

  it("names its public signals in the manifest's order", async () => {
    const { ordered } = identityLinkPublicSignals(linkStatement());
    expect((await circuit.witness(honest)).slice(1, 4)).toEqual(ordered);
    expect(IDENTITY_LINK.publicSignals).toEqual(["context", "identityCommitment", "linkedCommitment"]);
  });

  it("agrees with the TypeScript twin on random identities, and tells any two apart", { timeout: 120_000 }, async () => {
    const identity = fc.record({
      coi: fc.tuple(fc.integer({ min: 0, max: 99 }), fc.stringMatching(/^[0-9A-Z]{6}$/)).map(([year, sequence]) => `CHW1234${String(year).padStart(2, "0")}${sequence}`),
      patient: fc.option(fc.bigInt({ min: 1n, max: 2n ** 248n - 1n }).map((number) => number.toString(16).padStart(62, "0"))),
      blinding: fc.bigInt({ min: 1n, max: 2n ** 247n }),
      linkedBlinding: fc.bigInt({ min: 2n ** 247n + 1n, max: 2n ** 248n - 1n }),
      context: fc.bigInt({ min: 0n, max: MINUS_ONE }),
    });
    await fc.assert(
      fc.asyncProperty(identity, identity, async (one, other) => {
        const inputs = identityLinkInputs(one);
        expect((await circuit.witness(inputs)).slice(1, 4)).toEqual(identityLinkPublicSignals(one).ordered);
        const swapped = { ...inputs, linkedCommitment: String(identityCommitment({ ...other, blinding: one.linkedBlinding })) };
        const same = one.coi === other.coi && one.patient === other.patient;
        expect(await circuit.refuses(swapped)).toBe(!same);
      }),
      { numRuns: 40 },
    );
  });

  describe("against a forger", () => {
    it("refuses another identifier behind the linked commitment: the swapped bag", async () => {
      const other = linkStatement({ coi: "CHW123426AB12CE" });
      const linkedCommitment = identityCommitment({ ...other, blinding: other.linkedBlinding });
      expect(await circuit.refuses(changed({ linkedCommitment }))).toBe(true);
      expect(await circuit.refuses(changed({ linkedCommitment, coi: coiToNumber(other.coi) }))).toBe(true);
    });

    it("refuses another patient, or none, behind either commitment", async () => {
      for (const patient of ["5b".repeat(31), null]) {
        const other = linkStatement({ patient });
        const linkedCommitment = identityCommitment({ ...other, blinding: other.linkedBlinding });
        expect(await circuit.refuses(changed({ linkedCommitment }))).toBe(true);
        expect(await circuit.refuses({ ...identityLinkInputs(other), linkedCommitment: honest.linkedCommitment ?? "" })).toBe(true);
        expect(await circuit.refuses({ ...identityLinkInputs(other), identityCommitment: honest.identityCommitment ?? "" })).toBe(true);
      }
    });

    it("refuses identifier and patient in each other's place", async () => {
      expect(await circuit.refuses({ ...honest, coi: honest.patient ?? "", patient: honest.coi ?? "" })).toBe(true);
      const short = committedAnew(changed({ patient: 5n }));
      expect(await circuit.refuses(short)).toBe(false);
      expect(await circuit.refuses({ ...short, coi: "5", patient: short.coi ?? "" })).toBe(true);
    });

    it("refuses equal blindings, whatever is claimed as inverse", async () => {
      for (const inverseOfDifference of [0n, 1n, MINUS_ONE]) {
        const same = committedAnew(changed({ linkedBlinding: 77n }));
        expect(await circuit.refuses({ ...same, inverseOfDifference: String(inverseOfDifference) })).toBe(true);
      }
      expect(() => identityLinkInputs(linkStatement({ linkedBlinding: 77n }))).toThrow("same blinding");
    });

    it("refuses a wrong inverse of a true difference", async () => {
      const inverse = invertFieldElement(77n - 78n);
      for (const claimed of [0n, 1n, (inverse + 1n) % FIELD_ORDER, invertFieldElement(78n - 77n)]) expect(await circuit.refuses(changed({ inverseOfDifference: claimed }))).toBe(true);
    });

    it.each([
      ["coi", 120n],
      ["patient", 248n],
      ["blinding", 248n],
      ["linkedBlinding", 248n],
    ] as const)("takes a %s of %d bits at most, honestly committed or not", async (name, bits) => {
      expect(await circuit.refuses(committedAnew(changed({ [name]: 2n ** bits - 1n })))).toBe(false);
      for (const value of [2n ** bits, 2n ** bits + 5n, MINUS_ONE]) expect(await circuit.refuses(committedAnew(changed({ [name]: value })))).toBe(true);
    });

    it("refuses every public signal changed by one but the context, which the proof binds", async () => {
      for (const name of ["identityCommitment", "linkedCommitment"] as const) expect([name, await circuit.refuses(changed({ [name]: BigInt(honest[name] as string) + 1n }))]).toEqual([name, true]);
      expect(await circuit.refuses(changed({ context: 1235n }))).toBe(false);
    });

    it("refuses the commitments in each other's place without the blindings'", async () => {
      expect(await circuit.refuses({ ...honest, identityCommitment: honest.linkedCommitment ?? "", linkedCommitment: honest.identityCommitment ?? "" })).toBe(true);
    });

    it("has every public input in some constraint, the context alone in its square", () => {
      const constraintsWith = (wire: number) => circuit.system.constraints.filter((sides) => sides.some((side) => side.some((term) => term.wire === wire)));
      for (let wire = 1; wire <= 3; wire += 1) expect(constraintsWith(wire).length).toBeGreaterThan(0);
      const [square] = constraintsWith(1);
      expect(constraintsWith(1)).toHaveLength(1);
      expect(square?.slice(0, 2).map((side) => side.map((term) => term.wire))).toEqual([[1], [1]]);
    });

    it("has no wire that can take another value by itself but the public context, whose square is its negative's too", async () => {
      expect(freeWires(circuit.system, await circuit.witness(honest))).toEqual([CONTEXT_WIRE]);
    });
  });
});
