import { inverse, reduce } from "./prime-field.ts";

/** constant + Σ weight · wire = 0, and the rows it was made from. */
export interface LinearEquation {
  constant: bigint;
  weights: Map<number, bigint>;
  rows: Set<number>;
}

/** Linear equations in reduced echelon form (Gauss-Jordan, sparse), grown one by one. */
export interface LinearSystem {
  /** Takes an equation in; the rows it contradicts, or null. Changes the equation handed in. */
  add(equation: LinearEquation): Set<number> | null;
  /** Takes out of a form every wire the equations express through others; rows used are noted in it. */
  reduce(form: LinearEquation): void;
  /** Wires that have one value in all solutions, each with the rows that say so. */
  decided(): { wire: number; value: bigint; rows: Set<number> }[];
  /** The equations as they stand, each solved for one wire. */
  equations(): Iterable<LinearEquation>;
  /** Number of independent equations. */
  rank(): number;
  isPivot(wire: number): boolean;
}

/** `keep` names wires that are expressed through others only where an equation has nothing else. */
export function createLinearSystem(keep: (wire: number) => boolean = () => false): LinearSystem {
  const pivots = new Map<number, LinearEquation>();
  const reduceForm = (form: LinearEquation): void => {
    for (const wire of [...form.weights.keys()]) {
      const pivot = pivots.get(wire);
      if (pivot) eliminate(form, wire, pivot);
    }
  };
  return {
    add(equation) {
      reduceForm(equation);
      const wires = [...equation.weights.keys()];
      const wire = wires.find((candidate) => !keep(candidate)) ?? wires[0];
      if (wire === undefined) return equation.constant === 0n ? null : equation.rows;
      scale(equation, inverse(equation.weights.get(wire) ?? 1n));
      for (const other of pivots.values()) if (other.weights.has(wire)) eliminate(other, wire, equation);
      pivots.set(wire, equation);
      return null;
    },
    reduce: reduceForm,
    decided: () => [...pivots].flatMap(([wire, { weights, constant, rows }]) => (weights.size === 1 ? [{ wire, value: reduce(-constant), rows }] : [])),
    equations: () => pivots.values(),
    rank: () => pivots.size,
    isPivot: (wire) => pivots.has(wire),
  };
}

function eliminate(equation: LinearEquation, wire: number, pivot: LinearEquation): void {
  const factor = equation.weights.get(wire) ?? 0n;
  if (factor === 0n) return;
  for (const [other, weight] of pivot.weights) {
    const sum = reduce((equation.weights.get(other) ?? 0n) - factor * weight);
    if (sum === 0n) equation.weights.delete(other);
    else equation.weights.set(other, sum);
  }
  equation.constant = reduce(equation.constant - factor * pivot.constant);
  for (const row of pivot.rows) equation.rows.add(row);
}

function scale(equation: LinearEquation, factor: bigint): void {
  equation.constant = reduce(equation.constant * factor);
  for (const [wire, weight] of equation.weights) equation.weights.set(wire, reduce(weight * factor));
}
