/** Whole witnesses that break one constraint only: what a circuit without that constraint would accept. */
import type { Constraint, ConstraintSystem } from "../audit/constraint-system.ts";
import { coefficientsOf, valueOf, wiresOf } from "../audit/constraint-system.ts";
import { inverse, reduce } from "../audit/prime-field.ts";

/** Signals changed in a witness, and the constraints that are broken then. */
interface Forgery {
  changes: Map<number, bigint>;
  broken: Set<number>;
}

/** More than so many broken constraints are not mended one by one. */
const MOST_BROKEN = 6;
/** A constraint found alone in being broken is broken again, and mended elsewhere, from so many witnesses. */
const SEARCHES_PER_CONSTRAINT = 3;

export interface WitnessForger {
  /** Constraint → name of the forgery whose witness breaks it alone, of all witnesses seen so far. */
  readonly kills: ReadonlyMap<number, string>;
  /**
   * Takes in a witness of the circuit's own assignments for forged inputs. A broken constraint is mended by changing one of
   * its signals to the value that satisfies it, which may break others that hold that signal: whatever ends with one broken
   * constraint is a forgery of it. So a value a bit too large, put into any one of its bits, is a forgery of that bit's own row.
   */
  take(name: string, witness: readonly bigint[]): void;
}

export function createWitnessForger(system: ConstraintSystem): WitnessForger {
  const rowWires = system.constraints.map(wiresOf);
  const touching = Array.from({ length: system.wires }, (): number[] => []);
  rowWires.forEach((wires, row) => wires.forEach((wire) => touching[wire]?.push(row)));
  const kills = new Map<number, string>();
  const searched = new Map<number, number>();

  function take(name: string, witness: readonly bigint[]): void {
    const sides = system.constraints.map((constraint) => constraint.map((side) => valueOf(side, witness)));
    const start: Forgery = { changes: new Map(), broken: new Set(sides.flatMap(([a = 0n, b = 0n, c = 0n], row) => (reduce(a * b - c) === 0n ? [] : [row]))) };
    if (start.broken.size > MOST_BROKEN) return;
    const queue = [start];
    for (let forgery = queue.shift(); forgery !== undefined; forgery = queue.shift()) {
      const { broken } = forgery;
      const [only = -1] = broken;
      if (broken.size === 1) {
        if (!kills.has(only)) kills.set(only, name);
        const times = searched.get(only) ?? 0;
        if (times >= SEARCHES_PER_CONSTRAINT) continue;
        searched.set(only, times + 1);
      }
      for (const row of broken)
        for (const wire of rowWires[row] ?? [])
          for (const mended of mendings(forgery, row, wire)) if (mended.broken.size < broken.size || (mended.broken.size === 1 && !mended.broken.has(only) && isNew(mended))) queue.push(mended);
    }

    /** The forgery with one more signal changed, to each value that satisfies the row. */
    function mendings({ changes, broken }: Forgery, row: number, wire: number): Forgery[] {
      if (changes.has(wire)) return [];
      return solutions(system.constraints[row] as Constraint, valuesOf(row, changes), wire).map((change) => {
        const changed = new Map(changes).set(wire, change);
        const stillBroken = new Set(broken);
        for (const other of touching[wire] ?? []) {
          const [a, b, c] = valuesOf(other, changed);
          if (reduce(a * b - c) === 0n) stillBroken.delete(other);
          else stillBroken.add(other);
        }
        return { changes: changed, broken: stillBroken };
      });
    }

    function valuesOf(row: number, changes: ReadonlyMap<number, bigint>): [bigint, bigint, bigint] {
      const values = [...(sides[row] ?? [])] as [bigint, bigint, bigint];
      for (const [wire, change] of changes) if (touching[wire]?.includes(row)) coefficientsOf(system.constraints[row] as Constraint, wire).forEach((coefficient, side) => (values[side] = reduce((values[side] ?? 0n) + coefficient * change)));
      return values;
    }
  }

  function isNew({ broken }: Forgery): boolean {
    const [only = -1] = broken;
    return !kills.has(only) || (searched.get(only) ?? 0) < SEARCHES_PER_CONSTRAINT;
  }
  return { kills, take };
}

/** Changes of the wire after which (a + da)(b + db) = c + dc holds: one where it is linear in the change; both where C is nothing and a factor can vanish. */
function solutions(constraint: Constraint, [a, b, c]: [bigint, bigint, bigint], wire: number): bigint[] {
  const [inA, inB, inC] = coefficientsOf(constraint, wire);
  const linear = reduce(inA * b + inB * a - inC);
  if (reduce(inA * inB) === 0n) return linear === 0n ? [] : [reduce((c - a * b) * inverse(linear))];
  if (constraint[2].length > 0) return [];
  return [reduce(-a * inverse(reduce(inA))), reduce(-b * inverse(reduce(inB)))];
}
