import type { Combination, Constraint, ConstraintSystem } from "./constraint-system.ts";
import { wiresOf } from "./constraint-system.ts";
import { inverse, reduce } from "./prime-field.ts";

/** A wire that has one of two values by a constraint of its own, such as a bit by b · (b - 1) = 0. */
export interface TwoValues {
  wire: number;
  values: [bigint, bigint];
  /** The constraint that says so. */
  origin: number;
}

/**
 * The system with what its quadratic constraints say about single linear forms made plain. The compiler removes one bit of
 * each decomposition by putting a linear form L in its place, and leaves L · (L - 1) = 0: such a form gets a virtual wire y,
 * numbered after the real ones, and a virtual row L = y.
 */
export interface PreparedSystem {
  system: ConstraintSystem;
  /** The constraints, then the virtual rows. */
  rows: Constraint[];
  /** Per row: the constraint it stems from. */
  origins: number[];
  twoValued: Map<number, TwoValues[]>;
  wires: number;
  rowWires: number[][];
  /** Per wire: the rows it stands in. */
  touching: number[][];
}

export function prepareSystem(system: ConstraintSystem): PreparedSystem {
  const rows = [...system.constraints];
  const origins = rows.map((_row, index) => index);
  const twoValued = new Map<number, TwoValues[]>();
  let wires = system.wires;
  const note = (fact: TwoValues): void => void twoValued.set(fact.wire, [...(twoValued.get(fact.wire) ?? []), fact]);
  system.constraints.forEach((constraint, origin) => {
    const form = twoValuedForm(constraint);
    if (form === null) return;
    const [only, ...others] = form.terms;
    if (only !== undefined && others.length === 0) return note({ wire: only.wire, values: form.values, origin });
    const wire = wires++;
    note({ wire, values: [0n, 1n], origin });
    const [first, second] = form.values;
    rows.push([[{ wire: 0, coefficient: 1n }], [...form.terms, { wire: 0, coefficient: reduce(-first) }, { wire, coefficient: reduce(first - second) }], []]);
    origins.push(origin);
  });
  const rowWires = rows.map(wiresOf);
  const touching = Array.from({ length: wires }, (): number[] => []);
  rowWires.forEach((inRow, row) => inRow.forEach((wire) => touching[wire]?.push(row)));
  return { system, rows, origins, twoValued, wires, rowWires, touching };
}

/** The form M (leading coefficient 1, no constant) and its two values where the constraint is (M - r)(M - s) = 0. */
function twoValuedForm([a, b, c]: Constraint): { terms: Combination; values: [bigint, bigint] } | null {
  const left = normalised(a);
  const right = normalised(b);
  if (left === null || right === null || !sameTerms(left.terms, right.terms)) return null;
  // C must vanish or be a multiple of one side, which then is a factor of the whole: A · B = k · A is A · (B - k) = 0.
  if (c.length === 0) return { terms: left.terms, values: [reduce(-left.constant), reduce(-right.constant)] };
  const product = normalised(c);
  if (product === null || !sameTerms(product.terms, left.terms)) return null;
  if (product.constant === left.constant) return { terms: left.terms, values: [reduce(-left.constant), reduce(product.leading * inverse(reduce(left.leading * right.leading)) - right.constant)] };
  if (product.constant === right.constant) return { terms: left.terms, values: [reduce(-right.constant), reduce(product.leading * inverse(reduce(left.leading * right.leading)) - left.constant)] };
  return null;
}

function normalised(combination: Combination): { terms: Combination; constant: bigint; leading: bigint } | null {
  const terms = combination.filter(({ wire, coefficient }) => wire !== 0 && coefficient !== 0n).sort((one, other) => one.wire - other.wire);
  const leading = terms[0]?.coefficient;
  if (leading === undefined) return null;
  const scale = inverse(leading);
  const constant = combination.filter(({ wire }) => wire === 0).reduce((sum, { coefficient }) => sum + coefficient, 0n);
  return { terms: terms.map(({ wire, coefficient }) => ({ wire, coefficient: reduce(coefficient * scale) })), constant: reduce(constant * scale), leading };
}

function sameTerms(one: Combination, other: Combination): boolean {
  return one.length === other.length && one.every(({ wire, coefficient }, place) => other[place]?.wire === wire && other[place].coefficient === coefficient);
}
