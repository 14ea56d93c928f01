import type { Combination, Constraint } from "./constraint-system.ts";
import { createLinearSystem } from "./linear-solve.ts";
import type { LinearEquation } from "./linear-solve.ts";
import { reduce } from "./prime-field.ts";

type Values = readonly (bigint | undefined)[];

/** constant + Σ weight · wire over the unknown wires, or null where they are multiplied with each other. */
export function linearInUnknown([a, b, c]: Constraint, values: Values): Omit<LinearEquation, "rows"> | null {
  const [left, right, product] = [split(a, values), split(b, values), split(c, values)];
  if (left.weights.size > 0 && right.weights.size > 0) return null;
  return productOf(left, right, product);
}

export interface RowsTogether {
  decided: { wire: number; value: bigint; rows: Set<number> }[];
  /** Equations in nothing but two-valued wires. */
  sums: LinearEquation[];
  /** A row that cannot hold, or null. */
  contradiction: number | null;
}

/**
 * What the open rows decide as one linear system. The compiler keeps late signals of a hash's state and puts linear forms of
 * them in place of early ones; the *form* that enters an S-box is then decided though no single wire of it is. So a row
 * whose one factor the equations so far reduce to a constant is an equation too.
 */
export function solveRowsTogether(
  rows: readonly Constraint[],
  open: readonly number[],
  values: Values,
  isTwoValued: (wire: number) => boolean,
): RowsTogether {
  const system = createLinearSystem(isTwoValued);
  let contradiction: number | null = null;
  const add = (equation: LinearEquation, row: number): void => {
    if (system.add(equation) !== null) contradiction ??= row;
  };
  const products: { row: number; left: LinearEquation; right: LinearEquation; product: LinearEquation }[] = [];
  for (const row of open) {
    const constraint = rows[row];
    if (constraint === undefined) continue;
    const [left, right, product] = constraint.map((side) => ({ ...split(side, values), rows: new Set([row]) })) as [LinearEquation, LinearEquation, LinearEquation];
    if (left.weights.size > 0 && right.weights.size > 0) products.push({ row, left, right, product });
    else add({ ...productOf(left, right, product), rows: new Set([row]) }, row);
  }
  for (let progressed = true; progressed; ) {
    progressed = false;
    for (const [place, { row, left, right, product }] of products.entries()) {
      // Factors of a bit's own row never become constant by equations that would not decide the bit.
      if (![...left.weights.keys()].some((wire) => system.isPivot(wire)) && ![...right.weights.keys()].some((wire) => system.isPivot(wire))) continue;
      system.reduce(left);
      system.reduce(right);
      if (left.weights.size > 0 && right.weights.size > 0) continue;
      add({ ...productOf(left, right, product), rows: new Set([...left.rows, ...right.rows]) }, row);
      products.splice(place, 1);
      progressed = true;
      break;
    }
  }
  const sums = [...system.equations()].filter(({ weights }) => weights.size > 1 && [...weights.keys()].every(isTwoValued));
  return { decided: system.decided(), sums, contradiction };
}

function productOf(left: Omit<LinearEquation, "rows">, right: Omit<LinearEquation, "rows">, product: Omit<LinearEquation, "rows">): Omit<LinearEquation, "rows"> {
  const weights = new Map<number, bigint>();
  const add = (from: Map<number, bigint>, factor: bigint): void => {
    for (const [wire, weight] of from) {
      const sum = reduce((weights.get(wire) ?? 0n) + weight * factor);
      if (sum === 0n) weights.delete(wire);
      else weights.set(wire, sum);
    }
  };
  add(left.weights, right.constant);
  add(right.weights, left.constant);
  add(product.weights, -1n);
  return { constant: reduce(left.constant * right.constant - product.constant), weights };
}

function split(side: Combination, values: Values): Omit<LinearEquation, "rows"> {
  let constant = 0n;
  const weights = new Map<number, bigint>();
  for (const { wire, coefficient } of side) {
    const value = values[wire];
    if (value !== undefined) constant += coefficient * value;
    else weights.set(wire, reduce((weights.get(wire) ?? 0n) + coefficient));
  }
  return { constant: reduce(constant), weights };
}
