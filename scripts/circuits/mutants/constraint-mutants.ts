/** Mutants of the compiled system: one constraint left out. Judged without compiling anything. */
import { wiresOf } from "../audit/constraint-system.ts";
import type { CompiledCircuit } from "../audit/compiled-circuit.ts";
import { jacobianRank } from "../audit/jacobian.ts";
import { createPropagation } from "../audit/propagation.ts";
import { createRederivation } from "../audit/rederivation.ts";
import { createSingleChanges } from "../audit/single-changes.ts";
import { prepareSystem } from "../audit/two-valued.ts";
import { seededSample } from "./sampling.ts";
import type { JudgedMutant, Verdict } from "./verdict.ts";

export interface ConstraintMutantOptions {
  /** At most so many of the constraints some signal is derived by; all when left out. */
  sample?: number;
  seed?: string;
}

export interface JudgedConstraints {
  /** Some signal is derived by them. */
  deriving: JudgedMutant[];
  /** They decide nothing and only refuse: no audit misses them, forgeries alone do. All of them, whatever the sample. */
  checking: JudgedMutant[];
}

/**
 * Leaves constraints out one by one and judges each mutant against the honest witnesses and the constraints that are broken
 * alone by a forged one (see `createWitnessForger`): by what is cheapest first; the verdict names what caught it, see `Verdict`.
 */
export function judgeConstraintMutants(
  circuit: CompiledCircuit,
  witnesses: readonly bigint[][],
  forgeries: ReadonlyMap<number, string>,
  { sample = Infinity, seed = "constraint mutants 1" }: ConstraintMutantOptions = {},
): JudgedConstraints {
  const prepared = prepareSystem(circuit.system);
  const audits = witnesses.map((witness) => {
    const propagation = createPropagation(prepared);
    for (const wire of circuit.given) propagation.assign(wire, witness[wire] ?? 0n);
    propagation.run();
    return { witness, changes: createSingleChanges(circuit.system, witness), derivation: createRederivation(prepared, propagation) };
  });
  const all = Array.from({ length: circuit.compiledConstraints }, (_, row) => row);
  const derives = (row: number): boolean => audits.some(({ derivation }) => derivation.leansOn.has(row));
  const judge = (row: number): JudgedMutant => ({ name: nameOfConstraint(circuit, row), verdict: verdictOn(row) });
  return {
    deriving: seededSample(all.filter(derives), sample, seed).map(judge),
    checking: all.filter((row) => !derives(row)).map(judge),
  };

  function verdictOn(row: number): Verdict {
    const forgery = forgeries.get(row);
    if (forgery !== undefined) return { killed: "forgery", by: forgery };
    const wires = wiresOf(circuit.system.constraints[row] ?? [[], [], []]).filter((wire) => !circuit.given.has(wire));
    for (const { changes } of audits)
      for (const wire of wires) {
        const change = changes.of(wire, row);
        if (change !== null && changes.of(wire) === null) return { killed: "alone", by: `${circuit.nameOf(wire)} may be ${change.value}` };
      }
    for (const { derivation } of audits) {
      const [free] = derivation.underivedWithout(row);
      if (free !== undefined) return { killed: "underived", by: circuit.nameOf(free) };
    }
    const mutant = { ...circuit.system, constraints: circuit.system.constraints.toSpliced(row, 1) };
    for (const { witness } of audits) {
      const [free] = jacobianRank(mutant, witness, circuit.given).free;
      if (free !== undefined) return { killed: "rank", by: circuit.nameOf(free) };
    }
    return { killed: null };
  }
}

function nameOfConstraint(circuit: CompiledCircuit, row: number): string {
  const names = wiresOf(circuit.system.constraints[row] ?? [[], [], []]).map(circuit.nameOf);
  const innermost = names.sort((one, other) => other.split(".").length - one.split(".").length || (one < other ? -1 : 1))[0];
  return `constraint ${row} dropped (${innermost ?? "constants only"})`;
}
