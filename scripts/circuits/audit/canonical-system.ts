import type { Combination, Constraint, ConstraintSystem } from "./constraint-system.ts";
import { inverse, reduce } from "./prime-field.ts";

/**
 * The system as text that is the same for systems that say the same row by row: order of rows and terms, order of the two
 * factors, and how a row's weight is spread over its sides do not matter. Wires keep their numbers, so a system whose
 * signals are merely renumbered reads as another: the comparison errs on the side of "different".
 */
export function canonicalSystem({ wires, publicOutputs, publicInputs, privateInputs, constraints }: ConstraintSystem): string {
  return [[wires, publicOutputs, publicInputs, privateInputs].join(" "), ...constraints.map(canonicalRow).sort()].join("\n");
}

/** A · B = C with A and B led by 1. */
function canonicalRow([a, b, c]: Constraint): string {
  const [left, right] = [sorted(a), sorted(b)];
  const scale = reduce((left[0]?.coefficient ?? 1n) * (right[0]?.coefficient ?? 1n));
  const factors = [text(left, inverse(left[0]?.coefficient ?? 1n)), text(right, inverse(right[0]?.coefficient ?? 1n))].sort();
  return [...factors, text(sorted(c), inverse(scale))].join(" * ");
}

function sorted(side: Combination): Combination {
  const sums = new Map<number, bigint>();
  for (const { wire, coefficient } of side) sums.set(wire, reduce((sums.get(wire) ?? 0n) + coefficient));
  return [...sums].flatMap(([wire, coefficient]) => (coefficient === 0n ? [] : [{ wire, coefficient }])).sort((one, other) => one.wire - other.wire);
}

function text(side: Combination, factor: bigint): string {
  return side.map(({ wire, coefficient }) => `${reduce(coefficient * factor).toString(36)}@${wire}`).join("+");
}
