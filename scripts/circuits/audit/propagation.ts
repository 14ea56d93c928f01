import { readingsOfBinarySum, scaleBinaryTerms } from "./binary-sum.ts";
import { holds } from "./constraint-system.ts";
import type { LinearEquation } from "./linear-solve.ts";
import { inverse, reduce } from "./prime-field.ts";
import { linearInUnknown, solveRowsTogether } from "./rows-together.ts";
import type { PreparedSystem, TwoValues } from "./two-valued.ts";

type Sum = Pick<LinearEquation, "constant" | "weights">;

/** How wires got their values: rows that left no other value for them; more than one row where they are linear together, or where others rule out a second reading. */
export interface Step {
  rows: number[];
  defines: number[];
}

/**
 * Derives wires from those already known, by rules that leave one value only:
 * a row with one unknown wire that is linear in it; several rows that are linear in theirs; a row that is linear in bits whose weights make every sum unique; and,
 * where the weights reach the field's order and a sum has two readings, the reading the other rows do not contradict.
 * What is derived from the inputs is therefore unique for these inputs among *all* witnesses, not only near this one.
 * (Systematic uniqueness propagation as of Ecne and Picus, here at given inputs.)
 */
export interface Propagation {
  values: (bigint | undefined)[];
  steps: Step[];
  assign(wire: number, value: bigint): void;
  /** Derives what can be derived; the number of a row that cannot hold, or null. */
  run(): number | null;
  /** Wires of some row, virtual ones left out, that have no value. */
  underived(): number[];
}

export interface PropagationOptions {
  /** A constraint left out, with what it says about two-valued wires. */
  dropped?: number;
  /** Also verify rows whose wires are all known. */
  verify?: boolean;
}

/** `start` is what is derived already; rows between known wires only are not looked at again. */
export function createPropagation(prepared: PreparedSystem, options: PropagationOptions = {}, start?: Pick<Propagation, "values" | "steps">): Propagation {
  const { dropped = -1, verify = false } = options;
  const { rows, rowWires, origins, touching } = prepared;
  const values: (bigint | undefined)[] = start ? [...start.values] : [1n];
  values.length = prepared.wires;
  const steps: Step[] = start ? [...start.steps] : [];
  const twoValues = (wire: number): TwoValues | undefined => prepared.twoValued.get(wire)?.find(({ origin }) => origin !== dropped);
  const unknown = new Int32Array(rows.length);
  const unknownOther = new Int32Array(rows.length);
  const queue: number[] = [];
  rowWires.forEach((wires, row) => {
    if (origins[row] === dropped) return;
    for (const wire of wires) {
      if (values[wire] !== undefined) continue;
      unknown[row] = (unknown[row] ?? 0) + 1;
      if (twoValues(wire) === undefined) unknownOther[row] = (unknownOther[row] ?? 0) + 1;
    }
    if (start ? unknown[row] !== 0 && (unknown[row] === 1 || unknownOther[row] === 0) : unknown[row] === 1 || unknownOther[row] === 0) queue.push(row);
  });

  function assign(wire: number, value: bigint): void {
    if (values[wire] !== undefined) return;
    values[wire] = value;
    const other = twoValues(wire) === undefined ? 1 : 0;
    for (const row of touching[wire] ?? []) {
      if (origins[row] === dropped) continue;
      const left = (unknown[row] = (unknown[row] ?? 0) - 1);
      const leftOther = (unknownOther[row] = (unknownOther[row] ?? 0) - other);
      if (left <= 1 || leftOther === 0) queue.push(row);
    }
  }

  /** False when the row cannot hold. */
  function consider(row: number): boolean {
    const constraint = rows[row];
    if (constraint === undefined) return true;
    if (unknown[row] === 0) return !verify || holds(constraint, values as bigint[]);
    const missing = (rowWires[row] ?? []).filter((wire) => values[wire] === undefined);
    const linear = linearInUnknown(constraint, values);
    if (linear === null) return true;
    const [only] = missing;
    if (missing.length === 1 && only !== undefined) {
      const weight = linear.weights.get(only) ?? 0n;
      if (weight === 0n) return linear.constant === 0n;
      assign(only, reduce(-linear.constant * inverse(weight)));
      steps.push({ rows: [row], defines: [only] });
      return true;
    }
    return decideSum(linear, missing, [row]);
  }

  /** False when no choice of the two-valued wires makes the sum. */
  function decideSum(linear: Sum, missing: readonly number[], from: number[]): boolean {
    if (missing.some((wire) => values[wire] !== undefined)) return true;
    const readings = readingsOfSum(linear, missing, twoValues);
    if (readings === null) return true;
    const ruledOut = new Set<number>();
    const possible = readings.length < 2 ? readings : readings.filter((reading) => !isContradicted(reading, ruledOut));
    const [reading] = possible;
    if (reading === undefined) return false;
    if (possible.length > 1) return true;
    for (const [wire, value] of reading) assign(wire, value);
    steps.push({ rows: [...from, ...ruledOut], defines: [...missing] });
    return true;
  }

  /** Notes by which rows a reading cannot be. */
  function isContradicted(reading: Map<number, bigint>, by: Set<number>): boolean {
    if (verify) return false;
    const trial = createPropagation(prepared, { dropped, verify: true }, propagation);
    for (const [wire, value] of reading) trial.assign(wire, value);
    const contradiction = trial.run();
    if (contradiction === null) return false;
    for (const row of [contradiction, ...trial.steps.slice(steps.length).flatMap((step) => step.rows)]) by.add(row);
    return true;
  }

  function run(): number | null {
    for (;;) {
      for (let row = queue.pop(); row !== undefined; row = queue.pop()) if (!consider(row)) return row;
      // When no row decides by itself: all that are linear in what is unknown, as one system.
      const open = rows.flatMap((_row, row) => ((unknown[row] ?? 0) > 0 && origins[row] !== dropped ? [row] : []));
      const { decided, sums, contradiction } = solveRowsTogether(rows, open, values, (wire) => twoValues(wire) !== undefined);
      if (contradiction !== null) return contradiction;
      const before = steps.length;
      for (const { wire, value, rows: from } of decided) {
        assign(wire, value);
        steps.push({ rows: [...from], defines: [wire] });
      }
      if (decided.length === 0) for (const sum of sums) if (!decideSum(sum, [...sum.weights.keys()], [...sum.rows])) return [...sum.rows][0] ?? null;
      if (steps.length === before) return null;
    }
  }

  const underived = (): number[] =>
    touching.flatMap((inRows, wire) => (wire > 0 && wire < prepared.system.wires && values[wire] === undefined && inRows.length > 0 ? [wire] : []));
  const propagation: Propagation = { values, steps, assign, run, underived };
  return propagation;
}

/** Values of the missing wires, each of two, that make the row hold; null where a sum does not tell them apart. */
export function readingsOfSum(
  { constant, weights }: Sum,
  missing: readonly number[],
  twoValues: (wire: number) => TwoValues | undefined,
): Map<number, bigint>[] | null {
  let base = constant;
  const terms = [];
  for (const wire of missing) {
    const pair = twoValues(wire)?.values;
    const weight = weights.get(wire) ?? 0n;
    if (pair === undefined || weight === 0n) return null;
    base += weight * pair[0];
    terms.push({ wire, weight: reduce(weight * (pair[1] - pair[0])) });
  }
  const scaled = scaleBinaryTerms(terms);
  if (scaled === null) return null;
  return readingsOfBinarySum(scaled, reduce(-base)).map(
    (bits) => new Map([...bits].map(([wire, bit]) => [wire, twoValues(wire)?.values[Number(bit)] ?? bit])),
  );
}
