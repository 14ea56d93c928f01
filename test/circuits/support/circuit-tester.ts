import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wtns } from "snarkjs";
import type { CircuitSignals } from "snarkjs";
import { buildCircuits, compileCircuit } from "../../../scripts/circuits/build.ts";
import { directoriesOf, projectRoot } from "../../../scripts/circuits/manifest.ts";
import { brokenConstraints, readConstraintSystem } from "../../../scripts/circuits/audit/constraint-system.ts";
import type { ConstraintSystem } from "../../../scripts/circuits/audit/constraint-system.ts";
import { known } from "./known.ts";

export type Inputs = Record<string, unknown>;

/** A compiled circuit that makes witnesses; every witness made is also held against the constraint system. */
export interface CircuitTester {
  system: ConstraintSystem;
  /** Wire number of every signal that has one. */
  signals: Map<string, number>;
  /** All wires of the witness; rejects when the inputs break the statement. */
  witness(inputs: Inputs): Promise<bigint[]>;
  /** Value of an output or any other signal of `main`. */
  read(inputs: Inputs, signal: string): Promise<bigint>;
  /** True when the inputs have no witness because a constraint or assertion of the circuit fails. */
  refuses(inputs: Inputs): Promise<boolean>;
}

const { buildDirectory, circuitsDirectory } = directoriesOf(projectRoot);

/** The project's own circuit, built when stale. */
export async function projectCircuit(name = "condition-segment"): Promise<CircuitTester> {
  await buildCircuits();
  return testerOf(join(buildDirectory, name), join(buildDirectory, `${name}.wasm`));
}

/** One template of circuits/lib as a circuit of its own; compiled once per version of the sources. */
export async function libraryCircuit(file: string, template: string): Promise<CircuitTester> {
  const source = `pragma circom 2.1.6;\ninclude "../../../circuits/lib/${file}";\ncomponent main = ${template};\n`;
  const hash = createHash("sha256").update(source);
  for (const name of readdirSync(join(circuitsDirectory, "lib")).sort()) hash.update(readFileSync(join(circuitsDirectory, "lib", name)));
  const name = `${file.replace(".circom", "")}-${hash.digest("hex").slice(0, 16)}`;
  const directory = join(buildDirectory, "test");
  mkdirSync(directory, { recursive: true });
  const wasm = join(directory, `${name}.wasm`);
  if (!existsSync(wasm)) {
    writeFileSync(join(directory, `${name}.circom`), source);
    await compileCircuit(join(directory, `${name}.circom`), directory);
    renameSync(join(directory, `${name}_js`, `${name}.wasm`), wasm);
  }
  return testerOf(join(directory, name), wasm);
}

function testerOf(path: string, wasmPath: string): CircuitTester {
  const wasm = readFileSync(wasmPath);
  const system = readConstraintSystem(`${path}.r1cs`);
  const signals = new Map<string, number>();
  for (const line of readFileSync(`${path}.sym`, "utf8").split("\n")) {
    const [, wire, , name] = line.split(",");
    if (name !== undefined && Number(wire) >= 0) signals.set(name, Number(wire));
  }

  async function witness(inputs: Inputs): Promise<bigint[]> {
    const file = { type: "mem" } as unknown as Uint8Array;
    await quietly(() => wtns.calculate(inputs as CircuitSignals, wasm, file));
    const wires = ((await wtns.exportJson(file as unknown as string)) as unknown as (string | bigint)[]).map(BigInt);
    const broken = brokenConstraints(system, wires);
    if (broken.length > 0) throw new Error(`the witness calculator broke constraints ${broken.slice(0, 5).join(", ")}`);
    return wires;
  }

  async function read(inputs: Inputs, signal: string): Promise<bigint> {
    const wire = signals.get(`main.${signal}`);
    if (wire === undefined) throw new Error(`no wire holds main.${signal}`);
    return known((await witness(inputs))[wire]);
  }

  async function refuses(inputs: Inputs): Promise<boolean> {
    try {
      await witness(inputs);
      return false;
    } catch (error) {
      if (String(error).includes("Assert Failed")) return true;
      throw error;
    }
  }

  return { system, signals, witness, read, refuses };
}

/** The witness calculator prints where a refused input failed, besides throwing; tests of refusals would drown in it. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const original = console.error;
  console.error = () => {};
  try {
    return await work();
  } finally {
    console.error = original;
  }
}

export const MINUS_ONE = "21888242871839275222246405745257275088548364400416034343698204186575808495616";
