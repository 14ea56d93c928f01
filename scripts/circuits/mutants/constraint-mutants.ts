/** Mutants of the compiled system: one constraint left out. Judged without compiling anything. */
import { brokenConstraints, wiresOf } from "../audit/constraint-system.ts";
import type { CompiledCircuit } from "../audit/compiled-circuit.ts";
import { flattenInputs } from "../audit/compiled-circuit.ts";
import type { NamedInputs } from "../audit/fixture.ts";
import { jacobianRank } from "../audit/jacobian.ts";
import { createPropagation } from "../audit/propagation.ts";
import { reduce } from "../audit/prime-field.ts";
import { prepareSystem } from "../audit/two-valued.ts";
import type { PreparedSystem } from "../audit/two-valued.ts";
import { seededSample } from "./sampling.ts";
import type { JudgedMutant, Verdict } from "./verdict.ts";

export interface ConstraintMutantOptions {
  /** At most so many constraints that the derivation leans on, and as many that it does not; all when left out. */
  sample?: number;
  seed?: string;
}

/** Leaves constraints out one by one and judges each mutant; see `Verdict`. */
export function judgeConstraintMutants(
  circuit: CompiledCircuit,
  honest: readonly NamedInputs[],
  forged: readonly NamedInputs[],
  { sample = Infinity, seed = "constraint mutants 1" }: ConstraintMutantOptions = {},
): JudgedMutant[] {
  const prepared = prepareSystem(circuit.system);
  const witnesses: bigint[][] = [];
  for (const { inputs } of honest) {
    const witness = circuit.witness(inputs);
    if (witness) witnesses.push(witness);
  }
  const leanedOn = constraintsDerivedFrom(prepared, circuit, witnesses[0] ?? []);
  const all = Array.from({ length: circuit.compiledConstraints }, (_, index) => index);
  // What only checks, and decides nothing, is for the forgeries to catch: such rows are few and get a sample of their own.
  const chosen = [...seededSample(all.filter((row) => leanedOn.has(row)), sample, seed), ...seededSample(all.filter((row) => !leanedOn.has(row)), sample, seed)];
  const kills = forgedWitnesses(prepared, circuit, forged);
  return chosen.map((row) => ({ name: nameOfConstraint(circuit, row), verdict: verdictOn(row) }));

  function verdictOn(row: number): Verdict {
    const forgery = kills.get(row);
    if (forgery !== undefined) return { killed: "forgery", by: forgery };
    const fixed = new Set(circuit.inputs.values());
    const mutant = { ...circuit.system, constraints: circuit.system.constraints.filter((_constraint, index) => index !== row) };
    for (const witness of witnesses.slice(0, 1)) {
      const [free] = jacobianRank(mutant, witness, fixed).free;
      if (free !== undefined) return { killed: "rank", by: circuit.nameOf(free) };
    }
    if (!leanedOn.has(row)) return { killed: null };
    for (const witness of witnesses) {
      const propagation = createPropagation(prepared, { dropped: row });
      for (const wire of fixed) propagation.assign(wire, witness[wire] ?? 0n);
      propagation.run();
      const [free] = propagation.underived();
      if (free !== undefined) return { killed: "underived", by: circuit.nameOf(free) };
    }
    return { killed: null };
  }
}

/** Whole witnesses derived from forged inputs that break one constraint only: constraint → name of the forgery. */
export function forgedWitnesses(prepared: PreparedSystem, circuit: CompiledCircuit, forged: readonly NamedInputs[]): Map<number, string> {
  const kills = new Map<number, string>();
  for (const { name, inputs } of forged) {
    const values = new Map(flattenInputs(inputs));
    const propagation = createPropagation(prepared, { forge: true });
    for (const [input, wire] of circuit.inputs) propagation.assign(wire, reduce(BigInt(values.get(input) ?? "0")));
    propagation.run();
    if (propagation.underived().length > 0) continue;
    const [only, ...others] = brokenConstraints(circuit.system, propagation.values as bigint[]);
    if (only !== undefined && others.length === 0 && !kills.has(only)) kills.set(only, name);
  }
  return kills;
}

/** Constraints by which, or by whose bits, some signal is derived from honest inputs. */
function constraintsDerivedFrom(prepared: PreparedSystem, circuit: CompiledCircuit, witness: readonly bigint[]): Set<number> {
  const propagation = createPropagation(prepared);
  for (const wire of circuit.inputs.values()) propagation.assign(wire, witness[wire] ?? 0n);
  propagation.run();
  const from = new Set<number>();
  for (const { rows, defines } of propagation.steps) {
    for (const row of rows) from.add(prepared.origins[row] ?? row);
    if (defines.length > 1) for (const wire of defines) for (const { origin } of prepared.twoValued.get(wire) ?? []) from.add(origin);
  }
  return from;
}

function nameOfConstraint(circuit: CompiledCircuit, row: number): string {
  const names = wiresOf(circuit.system.constraints[row] ?? [[], [], []]).map(circuit.nameOf);
  const innermost = names.sort((one, other) => other.split(".").length - one.split(".").length || (one < other ? -1 : 1))[0];
  return `constraint ${row} dropped (${innermost ?? "constants only"})`;
}
