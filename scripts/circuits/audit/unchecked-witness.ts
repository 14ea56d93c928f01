import { readFileSync } from "node:fs";
import { ThreadlineError } from "../../../services/model/errors.ts";
import { flattenInputs } from "./compiled-circuit.ts";
import type { CircuitInputs, CompiledCircuit } from "./compiled-circuit.ts";
import { reduce } from "./prime-field.ts";
import { createWitnessCalculator } from "./witness-calculator.ts";
import type { CompiledPaths } from "./workspace.ts";

/**
 * What the circuit's own assignments make of any inputs, forged ones too: a value for every wire, of which the constraints
 * may refuse some. `unchecked` are the same sources compiled without checks, see `compileSources`.
 */
export function createUncheckedWitness(circuit: CompiledCircuit, unchecked: CompiledPaths): (inputs: CircuitInputs) => bigint[] {
  const calculate = createWitnessCalculator(readFileSync(unchecked.wasm));
  const placeOf = new Map<string, number>();
  for (const line of readFileSync(`${unchecked.path}.sym`, "utf8").split("\n")) {
    const [, place, , name] = line.split(",");
    if (name !== undefined) placeOf.set(name, Number(place));
  }
  const places = Array.from({ length: circuit.system.wires }, (_, wire) => placeOf.get(circuit.nameOf(wire)) ?? 0);
  return (inputs) => {
    const witness = calculate(inputs, places);
    if (witness === null) throw new ThreadlineError("unchecked-circuit-checks", "the circuit compiled without checks refused inputs");
    witness[0] = 1n;
    const given = new Map(flattenInputs(inputs));
    for (const [name, wire] of circuit.inputs) witness[wire] = reduce(BigInt(given.get(name) ?? "0"));
    return witness;
  };
}
