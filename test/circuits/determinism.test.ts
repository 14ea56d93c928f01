import { describe, expect, it } from "vitest";
import { auditCircuit, compiledForAudit } from "../../scripts/circuits/audit.ts";
import { nameOfFinding, reviewAgainst } from "../../scripts/circuits/audit/allowances.ts";
import { loadCompiledCircuit } from "../../scripts/circuits/audit/compiled-circuit.ts";
import type { CircuitInputs, CompiledCircuit } from "../../scripts/circuits/audit/compiled-circuit.ts";
import { findFreeInputs, findFreeSignals } from "../../scripts/circuits/audit/determinism.ts";
import { fixtureOf } from "../../scripts/circuits/audit/fixtures/index.ts";
import { jacobianRank } from "../../scripts/circuits/audit/jacobian.ts";
import { compileSources } from "../../scripts/circuits/audit/workspace.ts";
import { readManifest } from "../../scripts/circuits/manifest.ts";
import { known } from "./support/known.ts";

const circuits = Object.keys(readManifest());

describe("every circuit of the manifest", () => {
  it.each(circuits)("%s: each signal is decided by the inputs, at full size", { timeout: 300_000 }, async (circuit) => {
    const report = await auditCircuit(circuit);
    expect(report.faults).toEqual([]);
    expect(report.witnesses).toBeGreaterThan(1);
  });

  it.each(circuits)("%s: loses a signal for each of 12 constraints dropped from a derivation", { timeout: 120_000 }, async (circuit) => {
    const fixture = fixtureOf(circuit);
    const compiled = await compiledForAudit(circuit, fixture.smallParameters);
    const [honest] = fixture.honest({ ...known(readManifest()[circuit]).parameters, ...fixture.smallParameters });
    const witness = known(compiled.witness(known(honest).inputs));
    // A constraint that names a wire no other does: without it that wire is in no constraint.
    const seen = new Map<number, number[]>();
    compiled.system.constraints.forEach((sides, row) => new Set(sides.flat().map(({ wire }) => wire)).forEach((wire) => seen.set(wire, [...(seen.get(wire) ?? []), row])));
    const lonely = [...seen].filter(([wire, rows]) => rows.length === 2 && wire >= compiled.inputs.size).slice(0, 12);
    expect(lonely.length).toBe(12);
    for (const [wire, rows] of lonely) {
      const mutant = { ...compiled, system: { ...compiled.system, constraints: compiled.system.constraints.filter((_sides, row) => !rows.includes(row)) } };
      expect(findFreeSignals(mutant, witness).map(({ signal }) => signal)).toContain(compiled.nameOf(wire));
    }
  });
});

describe("the audit bites", () => {

  async function tiny(name: string, template: string, inputs: CircuitInputs): Promise<{ circuit: CompiledCircuit; found: string[] }> {
    const source = `pragma circom 2.1.6;\n${template}\n`;
    const { path, wasm } = await compileSources(new Map([[`${name}.circom`, source]]), `${name}.circom`);
    const circuit = loadCompiledCircuit(path, wasm, inputs);
    const witness = known(circuit.witness(inputs));
    return { circuit, found: [...findFreeSignals(circuit, witness), ...findFreeInputs(circuit, witness)].map(nameOfFinding) };
  }

  const isZero = (second: string) => `template IsZero() { signal input in; signal output out; signal inv; inv <-- in != 0 ? 1 / in : 0; out <== -in * inv + 1; ${second} } component main {public [in]} = IsZero();`;

  it("passes a sound IsZero, but for the inverse of zero", async () => {
    expect((await tiny("is-zero", isZero("in * out === 0;"), { in: "5" })).found).toEqual([]);
    expect((await tiny("is-zero", isZero("in * out === 0;"), { in: "0" })).found).toEqual(["alone main.inv", "together main.inv", "underived main.inv"]);
  });

  it("reports IsZero without its second constraint", async () => {
    const { found } = await tiny("is-zero-half", isZero(""), { in: "5" });
    expect(found).toContain("underived main.out");
    expect(found).toContain("together main.out");
    expect(found).toContain("together main.inv");
  });

  it("reports a signal assigned and not constrained", async () => {
    const { found } = await tiny("assigned", "template Half() { signal input in; signal output out; signal half; half <-- in >> 1; out <== half * half; } component main = Half();", { in: "9" });
    expect(found).toContain("together main.half");
    expect(found).toContain("underived main.out");
  });

  it("reports a bit that may be any number, and a decomposition that reaches the field's order", async () => {
    const bits = (count: number, check: string) =>
      `template Bits() { signal input in; signal output out[${count}]; var sum = 0; for (var i = 0; i < ${count}; i++) { out[i] <-- (in >> i) & 1; ${check} sum += out[i] * (1 << i); } sum === in; } component main {public [in]} = Bits();`;
    expect((await tiny("bits", bits(8, "out[i] * (out[i] - 1) === 0;"), { in: "77" })).found).toEqual([]);
    expect((await tiny("bits-open", bits(8, "if (i != 3) { out[i] * (out[i] - 1) === 0; }"), { in: "77" })).found.join()).toMatch(/underived main\.out/);
    // 5 + p has 254 bits as well: each bit is a bit and the sum is right, yet there are two readings.
    expect((await tiny("bits-all", bits(254, "out[i] * (out[i] - 1) === 0;"), { in: "5" })).found.join()).toMatch(/underived main\.out/);
  });

  it("reports an input in no constraint, and a hint that is not decided", async () => {
    expect((await tiny("unused", "template Unused() { signal input in; signal input other; signal output out; out <== in * in; } component main = Unused();", { in: "3", other: "4" })).found).toContain("unused main.other");
    const hint = "template Hint() { signal input value; signal input flag; flag * (flag - 1) === 0; signal output out; out <== value * value; } component main {public [value]} = Hint();";
    expect((await tiny("hint", hint, { value: "3", flag: "0" })).found).toContain("input main.flag");
  });

  it("finds signals free only together, which no single change shows", () => {
    // x + y = 5: neither can change alone.
    const system = { wires: 3, publicOutputs: 0, publicInputs: 0, privateInputs: 0, constraints: [[[{ wire: 0, coefficient: 1n }], [{ wire: 1, coefficient: 1n }, { wire: 2, coefficient: 1n }], [{ wire: 0, coefficient: 5n }]]] as never };
    expect(jacobianRank(system, [1n, 2n, 3n], new Set())).toEqual({ columns: 2, rank: 1, free: [1, 2] });
    expect(jacobianRank(system, [1n, 2n, 3n], new Set([1]))).toEqual({ columns: 1, rank: 1, free: [] });
  });

  it("takes no entry of the allow-list that covers nothing", () =>
    expect(reviewAgainst(["alone main.x[3]", "alone main.y"], [{ name: "alone main.x[*]", reason: "" }, { name: "alone main.z", reason: "" }])).toEqual({ unreviewed: ["alone main.y"], stale: ["alone main.z"] }));
});
