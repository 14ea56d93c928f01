import { singleChanges } from "../../../scripts/circuits/audit/single-changes.ts";
import type { ConstraintSystem } from "../../../scripts/circuits/audit/constraint-system.ts";

export { brokenConstraints, readConstraintSystem } from "../../../scripts/circuits/audit/constraint-system.ts";
export type { ConstraintSystem } from "../../../scripts/circuits/audit/constraint-system.ts";

/** Wires that can take another value, whichever, without breaking a constraint, all others unchanged. */
export function freeWires(system: ConstraintSystem, witness: readonly bigint[]): number[] {
  return singleChanges(system, witness).map(({ wire }) => wire);
}
