import { coefficientsOf, valueOf, wiresOf } from "./constraint-system.ts";
import type { ConstraintSystem } from "./constraint-system.ts";
import { inverse, reduce } from "./prime-field.ts";

/** A signal that can change by itself: another value breaks no constraint while all other signals keep theirs. */
export interface SingleChange {
  wire: number;
  /** One such value. */
  value: bigint;
}

/**
 * Mutates every wire but the constant, exactly: with all others fixed a constraint is d · (linear + quadratic · d) in the
 * change d, so it allows every change, none, or the one d = -linear / quadratic. A wire is free when some d ≠ 0 suits all.
 */
export function singleChanges(system: ConstraintSystem, witness: readonly bigint[]): SingleChange[] {
  /** Per wire the only change still possible; undefined = every change, null = none. */
  const possible = new Array<bigint | null | undefined>(system.wires).fill(undefined);
  for (const constraint of system.constraints) {
    const [left, right] = [valueOf(constraint[0], witness), valueOf(constraint[1], witness)];
    for (const wire of wiresOf(constraint)) {
      if (possible[wire] === null) continue;
      const [a, b, c] = coefficientsOf(constraint, wire);
      const linear = reduce(a * right + b * left - c);
      const quadratic = reduce(a * b);
      if (linear === 0n && quadratic === 0n) continue;
      const change = linear === 0n || quadratic === 0n ? null : reduce(-linear * inverse(quadratic));
      possible[wire] = possible[wire] === undefined || possible[wire] === change ? change : null;
    }
  }
  return possible.flatMap((change, wire) => (wire === 0 || change === null ? [] : [{ wire, value: reduce((witness[wire] ?? 0n) + (change ?? 1n)) }]));
}
