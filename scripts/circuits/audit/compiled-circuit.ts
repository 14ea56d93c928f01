import { existsSync, readFileSync } from "node:fs";
import { ThreadlineError } from "../../../services/model/errors.ts";
import { readConstraintSystem } from "./constraint-system.ts";
import type { Combination, ConstraintSystem } from "./constraint-system.ts";
import { reduce } from "./prime-field.ts";
import { createWitnessCalculator } from "./witness-calculator.ts";

/** Inputs of a witness calculator; field elements as decimal strings. */
export type CircuitInputs = Record<string, string | string[]>;

/** A compiled circuit as the audit reads it. */
export interface CompiledCircuit {
  /** The `.r1cs` file. */
  file: string;
  /** The compiled constraints; where the compiler put a linear form in place of an input, a row for that input is added. */
  system: ConstraintSystem;
  /** Rows of the compiled file; those above were added. */
  compiledConstraints: number;
  wires: Map<string, number>;
  nameOf(wire: number): string;
  /** Wires of the inputs by name, public ones first. Inputs that stand in no constraint are in `unusedInputs`. */
  inputs: Map<string, number>;
  unusedInputs: string[];
  publicInputs: Set<number>;
  /** Wires of the inputs that follow from no others: all but those said to be computed. */
  given: Set<number>;
  /** The circuit's own witness and the added inputs; null when the circuit refuses the inputs. */
  witness(inputs: CircuitInputs): bigint[] | null;
}

/** Loads NAME.r1cs, NAME.sym, NAME_substitutions.json and the witness calculator. `inputs` says what the inputs are called, `computedInputs` which of them follow from the others. */
export function loadCompiledCircuit(path: string, wasmPath: string, inputs: CircuitInputs, computedInputs: readonly string[] = []): CompiledCircuit {
  const system = readConstraintSystem(`${path}.r1cs`);
  const calculate = createWitnessCalculator(readFileSync(wasmPath));
  const wires = new Map<string, number>();
  const names = new Map<number, string>();
  const labels = new Map<string, { label: string; wire: number }>();
  for (const line of readFileSync(`${path}.sym`, "utf8").split("\n")) {
    const [label = "", wireText, , name] = line.split(",");
    const wire = Number(wireText);
    if (name === undefined) continue;
    labels.set(name, { label, wire });
    if (wire < 0) continue;
    wires.set(name, wire);
    if (name.length < (names.get(wire)?.length ?? Infinity)) names.set(wire, name);
  }
  const substitutions = existsSync(`${path}_substitutions.json`) ? (JSON.parse(readFileSync(`${path}_substitutions.json`, "utf8")) as Record<string, Record<string, string>>) : {};
  const wireOfLabel = new Map([...labels.values()].map(({ label, wire }) => [label, wire]));
  const compiled: CompiledCircuit = {
    file: `${path}.r1cs`,
    system: { ...system, constraints: [...system.constraints] },
    compiledConstraints: system.constraints.length,
    wires,
    nameOf: (wire) => names.get(wire) ?? `wire ${wire}`,
    inputs: new Map(),
    unusedInputs: [],
    given: new Set(),
    publicInputs: new Set(Array.from({ length: system.publicInputs }, (_, place) => 1 + system.publicOutputs + place)),
    witness: (values) => {
      const witness = calculate(values);
      if (witness === null) return null;
      const flat = new Map(flattenInputs(values));
      for (const [name, wire] of compiled.inputs) if (wire >= system.wires) witness[wire] = reduce(BigInt(flat.get(name) ?? "0"));
      return witness;
    },
  };
  for (const [name] of flattenInputs(inputs)) {
    const known = labels.get(name);
    if (known === undefined) throw new ThreadlineError("circuit-input-unknown", `the circuit has no signal ${name}`, { name });
    const form = known.wire >= 0 ? [] : resolve(known.label, substitutions, wireOfLabel);
    if (form === null) compiled.unusedInputs.push(name);
    else compiled.inputs.set(name, known.wire >= 0 ? known.wire : addInput(compiled, name, form, names));
  }
  const computed = new Set(computedInputs.map((name) => `main.${name}`));
  for (const [name, wire] of compiled.inputs) if (!computed.has(name)) compiled.given.add(wire);
  return compiled;
}

/** `main.x`, `main.x[0]`, `main.y[0][1]` … with their values. */
export function flattenInputs(inputs: Record<string, unknown>): [string, string][] {
  const flat = (name: string, value: unknown): [string, string][] =>
    Array.isArray(value) ? value.flatMap((item, place) => flat(`${name}[${place}]`, item)) : [[name, String(value)]];
  return Object.entries(inputs).flatMap(([name, value]) => flat(`main.${name}`, value));
}

/** The linear form the compiler put in a signal's place, in wires; null where the signal is in no constraint. */
function resolve(label: string, substitutions: Record<string, Record<string, string>>, wireOfLabel: Map<string, number>): Combination | null {
  if (label === "0") return [{ wire: 0, coefficient: 1n }];
  const wire = wireOfLabel.get(label);
  if (wire !== undefined && wire >= 0) return [{ wire, coefficient: 1n }];
  const form = substitutions[label];
  if (form === undefined) return null;
  const sum: Combination = [];
  for (const [part, factor] of Object.entries(form)) {
    const terms = resolve(part, substitutions, wireOfLabel);
    if (terms === null) return null;
    sum.push(...terms.map((term) => ({ wire: term.wire, coefficient: reduce(term.coefficient * BigInt(factor)) })));
  }
  return sum;
}

function addInput(compiled: CompiledCircuit, name: string, form: Combination, names: Map<number, string>): number {
  const wire = compiled.system.wires;
  compiled.system.wires += 1;
  compiled.system.constraints.push([[{ wire: 0, coefficient: 1n }], [...form, { wire, coefficient: reduce(-1n) }], []]);
  compiled.wires.set(name, wire);
  names.set(wire, name);
  return wire;
}
