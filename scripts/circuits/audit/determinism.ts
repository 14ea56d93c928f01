import { brokenConstraints, wiresOf } from "./constraint-system.ts";
import type { ConstraintSystem } from "./constraint-system.ts";
import type { CompiledCircuit } from "./compiled-circuit.ts";
import type { NamedInputs } from "./fixture.ts";
import { jacobianRank } from "./jacobian.ts";
import { createPropagation } from "./propagation.ts";
import { reduce } from "./prime-field.ts";
import { singleChanges } from "./single-changes.ts";
import { prepareSystem } from "./two-valued.ts";
import type { PreparedSystem } from "./two-valued.ts";

/**
 * unused: in no constraint. alone: may change while all others stay. together: some direction of signals breaks no
 * constraint to first order. underived: not shown to be unique for these inputs. input: a private input that may change
 * while every other input stays. refused: honest inputs have no witness.
 */
export type FindingKind = "unused" | "alone" | "together" | "underived" | "input" | "refused";

export interface Finding {
  kind: FindingKind;
  signal: string;
  detail: string;
}

/**
 * Holds one honest witness against every way a signal can be free, the inputs, public and private, being fixed. Inputs that
 * are computed from the others are not: what a commitment commits to must decide it.
 */
export function findFreeSignals(circuit: CompiledCircuit, witness: readonly bigint[], prepared: PreparedSystem = prepareSystem(circuit.system)): Finding[] {
  const broken = brokenConstraints(circuit.system, witness);
  if (broken.length > 0) return [{ kind: "refused", signal: `constraint ${broken[0]}`, detail: `the witness calculator's own witness breaks ${broken.length} constraints` }];
  const unused = unusedWires(circuit.system);
  const finding = (kind: FindingKind, wire: number, detail: string): Finding => ({ kind, signal: circuit.nameOf(wire), detail });
  const findings = [
    ...circuit.unusedInputs.map((signal): Finding => ({ kind: "unused", signal, detail: "an input in no constraint" })),
    ...unused.map((wire) => finding("unused", wire, "in no constraint")),
  ];
  const fixed = circuit.given;
  const others = singleChanges(circuit.system, witness).filter(({ wire }) => !unused.includes(wire) && !fixed.has(wire));
  findings.push(...others.map(({ wire, value }) => finding("alone", wire, `${witness[wire]} may be ${value} by itself`)));
  const { columns, rank, free } = jacobianRank(circuit.system, witness, fixed);
  findings.push(...free.map((wire) => finding("together", wire, `rank ${rank} of ${columns}: it moves with others`)));
  const propagation = createPropagation(prepared);
  for (const wire of fixed) propagation.assign(wire, witness[wire] ?? 0n);
  const contradiction = propagation.run();
  if (contradiction !== null) findings.push({ kind: "refused", signal: `constraint ${prepared.origins[contradiction]}`, detail: "cannot hold for honest inputs" });
  findings.push(...propagation.underived().map((wire) => finding("underived", wire, "not shown to be unique for these inputs")));
  return findings;
}

/** Every audit of a set of honest inputs; each finding once. */
export function auditHonestInputs(circuit: CompiledCircuit, honest: readonly NamedInputs[]): Finding[] {
  const prepared = prepareSystem(circuit.system);
  const findings = new Map<string, Finding>();
  for (const { name, inputs } of honest) {
    const witness = circuit.witness(inputs);
    const found: Finding[] = witness === null ? [{ kind: "refused", signal: name, detail: "honest inputs are refused" }] : findFreeSignals(circuit, witness, prepared);
    for (const finding of found) findings.set(`${finding.kind} ${finding.signal}`, finding);
  }
  return [...findings.values()];
}

/**
 * Alters each private input (by ±1, to 0 and to 1), derives all else from the altered inputs with the public signals kept,
 * and reports those for which a whole witness comes out: hints that are not decided by what is stated.
 */
export function findFreeInputs(circuit: CompiledCircuit, witness: readonly bigint[]): Finding[] {
  const prepared = prepareSystem(circuit.system);
  const findings: Finding[] = [];
  for (const [signal, wire] of circuit.inputs) {
    if (circuit.publicInputs.has(wire)) continue;
    const honest = witness[wire] ?? 0n;
    const others = new Set([reduce(honest + 1n), reduce(honest - 1n), 0n, 1n]);
    others.delete(honest);
    for (const other of others) {
      const propagation = createPropagation(prepared, { verify: true });
      for (const input of circuit.inputs.values()) propagation.assign(input, input === wire ? other : (witness[input] ?? 0n));
      if (propagation.run() !== null) continue;
      const whole = propagation.underived().length === 0;
      if (whole && brokenConstraints(circuit.system, propagation.values as bigint[]).length > 0) continue;
      findings.push({ kind: "input", signal, detail: `${honest} may be ${other} with every other input as it is${whole ? "" : ", as far as can be derived"}` });
      break;
    }
  }
  return findings;
}

function unusedWires(system: ConstraintSystem): number[] {
  const used = new Set(system.constraints.flatMap(wiresOf));
  return Array.from({ length: system.wires - 1 }, (_, index) => index + 1).filter((wire) => !used.has(wire));
}
