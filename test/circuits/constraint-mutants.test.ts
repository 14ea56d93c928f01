import { describe, expect, it } from "vitest";
import { compiledForAudit } from "../../scripts/circuits/audit.ts";
import { canonicalSystem } from "../../scripts/circuits/audit/canonical-system.ts";
import { loadCompiledCircuit } from "../../scripts/circuits/audit/compiled-circuit.ts";
import type { CircuitInputs, CompiledCircuit } from "../../scripts/circuits/audit/compiled-circuit.ts";
import { brokenConstraints } from "../../scripts/circuits/audit/constraint-system.ts";
import type { ConstraintSystem } from "../../scripts/circuits/audit/constraint-system.ts";
import { fixtureOf } from "../../scripts/circuits/audit/fixtures/index.ts";
import { offCurveKey, signUnderOffCurveKey } from "../../scripts/circuits/audit/fixtures/off-curve-key.ts";
import { createPropagation } from "../../scripts/circuits/audit/propagation.ts";
import { createRederivation } from "../../scripts/circuits/audit/rederivation.ts";
import { prepareSystem } from "../../scripts/circuits/audit/two-valued.ts";
import { createUncheckedWitness } from "../../scripts/circuits/audit/unchecked-witness.ts";
import { compileSources, readSources } from "../../scripts/circuits/audit/workspace.ts";
import { judgeConstraintMutants } from "../../scripts/circuits/mutants/constraint-mutants.ts";
import { createWitnessForger } from "../../scripts/circuits/mutants/forged-witnesses.ts";
import { seededSample } from "../../scripts/circuits/mutants/sampling.ts";
import { known } from "./support/known.ts";

/** A circuit of the test's own, with the calculator that follows its assignments whatever the inputs. */
async function compiled(name: string, source: string, honest: CircuitInputs, computed: string[] = []): Promise<{ circuit: CompiledCircuit; unchecked: (inputs: CircuitInputs) => bigint[] }> {
  const sources = (await readSources()).set(`${name}.circom`, `pragma circom 2.1.6;\n${source}\n`);
  const { path, wasm } = await compileSources(sources, `${name}.circom`);
  const circuit = loadCompiledCircuit(path, wasm, honest, computed);
  return { circuit, unchecked: createUncheckedWitness(circuit, await compileSources(sources, `${name}.circom`, { unchecked: true })) };
}

describe("forged witnesses", () => {
  it("follow the assignments of the circuit: for honest inputs they are its own witnesses", { timeout: 120_000 }, async () => {
    const { circuit, unchecked } = await compiled("byte", 'include "lib/range.circom";\ncomponent main {public [value]} = AssertBits(8);', { value: "0" });
    expect(unchecked({ value: "200" })).toEqual(circuit.witness({ value: "200" }));
    expect(circuit.witness({ value: "256" })).toBeNull();
    expect(brokenConstraints(circuit.system, unchecked({ value: "256" }))).toHaveLength(1);
  });

  it("put a value beyond its range into any of its bits, and so forge every row of the decomposition", { timeout: 120_000 }, async () => {
    const { circuit, unchecked } = await compiled("byte", 'include "lib/range.circom";\ncomponent main {public [value]} = AssertBits(8);', { value: "0" });
    const forger = createWitnessForger(circuit.system);
    forger.take("256", unchecked({ value: "256" }));
    expect([...forger.kills.keys()].sort((one, other) => one - other)).toEqual(circuit.system.constraints.map((_row, index) => index));
  });

  it("are none for honest inputs, nor where two constraints refuse", { timeout: 120_000 }, async () => {
    const twice = "template Twice() { signal input value; signal input other; value * (value - 1) === 0; other * (other - 1) === 0; } component main = Twice();";
    const { circuit, unchecked } = await compiled("twice", twice, { value: "0", other: "0" });
    const forger = createWitnessForger(circuit.system);
    forger.take("honest", unchecked({ value: "1", other: "0" }));
    expect(forger.kills.size).toBe(0);
    forger.take("both", unchecked({ value: "2", other: "3" }));
    // Mended one at a time, each is a forgery of the other.
    expect(forger.kills.size).toBe(2);
    const squared = createWitnessForger({ ...circuit.system, constraints: [...circuit.system.constraints, ...circuit.system.constraints] });
    squared.take("both", unchecked({ value: "2", other: "0" }));
    expect(squared.kills.size).toBe(0);
  });

  it("a key off the curve that doubles to one on it: the curve's equation alone refuses its signature", { timeout: 120_000 }, async () => {
    const [key, message] = [offCurveKey(), 123_456_789n];
    const { R8, S } = signUnderOffCurveKey(message);
    const inputs = { publicKey: key.map(String), signatureR: R8.map(String), signatureS: String(S), message: String(message) };
    const { circuit, unchecked } = await compiled("device", 'include "lib/device-signature.circom";\ncomponent main = DeviceSignature();', inputs);
    const broken = brokenConstraints(circuit.system, unchecked(inputs));
    expect(broken).toHaveLength(1);
    const wires = known(circuit.system.constraints[known(broken[0])]).flat().map(({ wire }) => circuit.nameOf(wire));
    expect(wires.some((name) => name.startsWith("main.keyOnCurve."))).toBe(true);
  });
});

describe("dropped constraints", () => {
  it("that decide are missed by the audit, those that only refuse by forgeries alone, and one of two that are the same by nobody", { timeout: 120_000 }, async () => {
    const source = "template Cube() { signal input value; signal input flag; signal output square; signal output cube; square <== value * value; cube <== square * value; flag * (flag - 1) === 0; value * (value - 2) === 0; } component main {public [value]} = Cube();";
    const { circuit, unchecked } = await compiled("cube", source, { value: "2", flag: "0" });
    const forger = createWitnessForger(circuit.system);
    for (const inputs of [{ value: "2", flag: "2" }, { value: "3", flag: "0" }]) forger.take(JSON.stringify(inputs), unchecked(inputs));
    const witness = known(circuit.witness({ value: "2", flag: "0" }) ?? undefined);
    const judge = (constraints: ConstraintSystem["constraints"], forgeries: ReadonlyMap<number, string> = new Map()) => {
      const judged = judgeConstraintMutants({ ...circuit, system: { ...circuit.system, constraints }, compiledConstraints: constraints.length }, [witness], forgeries);
      return { deriving: judged.deriving.map(({ verdict }) => verdict.killed), checking: judged.checking.map(({ verdict }) => verdict.killed) };
    };
    const rows = circuit.system.constraints;
    expect(rows).toHaveLength(4);
    const alone = judge(rows);
    expect(alone.deriving).toHaveLength(2);
    expect(alone.deriving).not.toContain(null);
    expect(alone.checking).toEqual([null, null]);
    expect(judge(rows, forger.kills).checking).toEqual(["forgery", "forgery"]);
    const twice = judge(rows.flatMap((row) => [row, row]));
    expect([...twice.deriving, ...twice.checking]).toEqual(Array.from({ length: 8 }, () => null));
  });

  it("what is taken back and derived anew is what a derivation without the constraint derives", { timeout: 120_000 }, async () => {
    const fixture = fixtureOf("identity-link");
    const circuit = await compiledForAudit("identity-link");
    const witness = known(circuit.witness(known(fixture.honest({})[0]).inputs) ?? undefined);
    const prepared = prepareSystem(circuit.system);
    const derive = (dropped: number) => {
      const propagation = createPropagation(prepared, { dropped });
      for (const wire of circuit.given) propagation.assign(wire, known(witness[wire]));
      propagation.run();
      return propagation;
    };
    const derivation = createRederivation(prepared, derive(-1));
    const rows = seededSample(circuit.system.constraints.map((_row, index) => index), 40, "rederivation 1");
    for (const row of rows) expect([row, derivation.underivedWithout(row)]).toEqual([row, derive(row).underived()]);
  });
});

describe("a system compared", () => {
  const term = (wire: number, coefficient: bigint) => ({ wire, coefficient });
  const system = (constraints: ConstraintSystem["constraints"]): ConstraintSystem => ({ wires: 4, publicOutputs: 0, publicInputs: 1, privateInputs: 2, constraints });

  it("is the same in another order of rows, factors and terms, and under another weight", () => {
    const one = system([[[term(1, 1n), term(2, 3n)], [term(3, 1n)], [term(0, 5n)]], [[term(1, 1n)], [term(1, 1n)], [term(2, 1n)]]]);
    const other = system([[[term(1, 2n)], [term(1, 1n)], [term(2, 2n)]], [[term(3, 2n)], [term(2, 3n), term(1, 1n)], [term(0, 10n)]]]);
    expect(canonicalSystem(other)).toBe(canonicalSystem(one));
  });

  it("is another with another coefficient, wire or row", () => {
    const one = system([[[term(1, 1n)], [term(1, 1n)], [term(2, 1n)]]]);
    for (const other of [system([]), system([[[term(1, 1n)], [term(1, 1n)], [term(3, 1n)]]]), system([[[term(1, 1n)], [term(1, 1n)], [term(2, 2n)]]])]) expect(canonicalSystem(other)).not.toBe(canonicalSystem(one));
  });
});
