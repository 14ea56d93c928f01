import { coefficientsOf, valueOf, wiresOf } from "./constraint-system.ts";
import type { Constraint, ConstraintSystem } from "./constraint-system.ts";
import { inverse, reduce } from "./prime-field.ts";

/** A signal that can change by itself: another value breaks no constraint while all other signals keep theirs. */
export interface SingleChange {
  wire: number;
  /** One such value. */
  value: bigint;
}

/** The changes of a wire that break no constraint it stands in: undefined = every change, null = none, else the only one. */
type Possible = bigint | null | undefined;

export interface SingleChanges {
  /** What a wire may change to by itself, or null; `dropped` is a constraint left out. */
  of(wire: number, dropped?: number): SingleChange | null;
}

/**
 * Mutates wires at a witness, exactly: with all others fixed a constraint is d · (linear + quadratic · d) in the change d,
 * so it allows every change, none, or the one d = -linear / quadratic. A wire is free when some d ≠ 0 suits all.
 */
export function createSingleChanges(system: ConstraintSystem, witness: readonly bigint[]): SingleChanges {
  const factors = system.constraints.map(([a, b]): [bigint, bigint] => [valueOf(a, witness), valueOf(b, witness)]);
  const touching = Array.from({ length: system.wires }, (): number[] => []);
  system.constraints.forEach((constraint, row) => wiresOf(constraint).forEach((wire) => touching[wire]?.push(row)));
  return {
    of(wire, dropped = -1) {
      let possible: Possible;
      for (const row of touching[wire] ?? []) {
        if (row === dropped) continue;
        const allowed = changeAllowedBy(system.constraints[row] as Constraint, factors[row] ?? [0n, 0n], wire);
        if (allowed === undefined) continue;
        if (allowed === null || (possible !== undefined && possible !== allowed)) return null;
        possible = allowed;
      }
      return { wire, value: reduce((witness[wire] ?? 0n) + (possible ?? 1n)) };
    },
  };
}

/** Mutates every wire but the constant. */
export function singleChanges(system: ConstraintSystem, witness: readonly bigint[]): SingleChange[] {
  const changes = createSingleChanges(system, witness);
  return Array.from({ length: system.wires - 1 }, (_, index) => changes.of(index + 1)).filter((change) => change !== null);
}

function changeAllowedBy(constraint: Constraint, [left, right]: [bigint, bigint], wire: number): Possible {
  const [a, b, c] = coefficientsOf(constraint, wire);
  const linear = reduce(a * right + b * left - c);
  const quadratic = reduce(a * b);
  if (linear === 0n && quadratic === 0n) return undefined;
  return linear === 0n || quadratic === 0n ? null : reduce(-linear * inverse(quadratic));
}
