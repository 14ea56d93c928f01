import { createPropagation } from "./propagation.ts";
import type { Propagation, Step } from "./propagation.ts";
import type { PreparedSystem } from "./two-valued.ts";

/** A derivation from the inputs, and what is left of it when one constraint is left out. */
export interface Rederivation {
  /** Constraints by which, or by whose bits, some wire is derived. */
  leansOn: ReadonlySet<number>;
  /** Wires without a value once the constraint is dropped; none when every one is derived by other constraints too. */
  underivedWithout(constraint: number): number[];
}

/**
 * Takes back only what was derived by way of the dropped constraint and derives it anew from the rest: what remains known
 * is known without the constraint, so the outcome is that of a derivation from the inputs alone, at a fraction of the cost.
 */
export function createRederivation(prepared: PreparedSystem, derived: Pick<Propagation, "values" | "steps">): Rederivation {
  const constraints = derived.steps.map((step) => constraintsOf(step, prepared));
  const leansOn = new Set(constraints.flatMap((of) => [...of]));
  return {
    leansOn,
    underivedWithout(dropped) {
      if (!leansOn.has(dropped)) return [];
      const values = [...derived.values];
      const lost = new Set<number>();
      const steps = derived.steps.filter(({ rows, defines }, place) => {
        const isKept = !constraints[place]?.has(dropped) && (lost.size === 0 || rows.every((row) => (prepared.rowWires[row] ?? []).every((wire) => !lost.has(wire))));
        if (!isKept) for (const wire of defines) lost.add(wire);
        return isKept;
      });
      for (const wire of lost) values[wire] = undefined;
      const propagation = createPropagation(prepared, { dropped }, { values, steps });
      propagation.run();
      return propagation.underived();
    },
  };
}

/** Constraints a step leans on: those of its rows, and those that say the wires of a sum are bits. */
function constraintsOf({ rows, defines }: Step, prepared: PreparedSystem): Set<number> {
  const bits = defines.length > 1 ? defines.flatMap((wire) => prepared.twoValued.get(wire) ?? []) : [];
  return new Set([...rows.map((row) => prepared.origins[row] ?? row), ...bits.map(({ origin }) => origin)]);
}
