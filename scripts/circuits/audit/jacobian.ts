import { coefficientsOf, valueOf, wiresOf } from "./constraint-system.ts";
import type { ConstraintSystem } from "./constraint-system.ts";
import { createLinearSystem } from "./linear-solve.ts";
import { reduce } from "./prime-field.ts";

export interface JacobianRank {
  columns: number;
  rank: number;
  /** Wires that some direction moves which breaks no constraint to first order; empty at full column rank. */
  free: number[];
}

/**
 * Column rank, over the field, of the derivatives of all constraints by the wires that are not `fixed`, at a witness:
 * d(A·B - C) = B·dA + A·dB - dC. Full rank says no signals can move together, be it ever so many. Wires in no constraint
 * are left to the check for unused ones.
 */
export function jacobianRank(system: ConstraintSystem, witness: readonly bigint[], fixed: ReadonlySet<number>): JacobianRank {
  const open: Map<number, bigint>[] = [];
  const rowsOf = new Map<number, number[]>();
  for (const constraint of system.constraints) {
    const [left, right] = [valueOf(constraint[0], witness), valueOf(constraint[1], witness)];
    const derivatives = new Map<number, bigint>();
    for (const wire of wiresOf(constraint)) {
      if (fixed.has(wire)) continue;
      if (!rowsOf.has(wire)) rowsOf.set(wire, []);
      const [a, b, c] = coefficientsOf(constraint, wire);
      const derivative = reduce(a * right + b * left - c);
      if (derivative === 0n) continue;
      derivatives.set(wire, derivative);
      rowsOf.get(wire)?.push(open.length);
    }
    open.push(derivatives);
  }
  // Rows with one unknown first: each decides it, and takes it out of all others.
  const decided = new Set<number>();
  const queue = open.flatMap((row, place) => (row.size === 1 ? [place] : []));
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    const wire = open[place]?.keys().next().value;
    if (wire === undefined) continue;
    decided.add(wire);
    for (const other of rowsOf.get(wire) ?? []) {
      const row = open[other];
      if (row?.delete(wire) && row.size === 1) queue.push(other);
    }
  }
  const core = createLinearSystem();
  for (const row of open.filter(({ size }) => size > 0).sort((one, other) => one.size - other.size)) core.add({ constant: 0n, weights: row, rows: new Set() });
  const rank = decided.size + core.rank();
  for (const { wire } of core.decided()) decided.add(wire);
  return { columns: rowsOf.size, rank, free: [...rowsOf.keys()].filter((wire) => !decided.has(wire)) };
}
