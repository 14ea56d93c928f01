import { readFileSync } from "node:fs";
import { ThreadlineError } from "../../../services/model/errors.ts";
import { reduce } from "./prime-field.ts";

/** One linear combination: wires and their coefficients; wire 0 is the constant 1. */
export type Combination = { wire: number; coefficient: bigint }[];

/** A · B = C. */
export type Constraint = [Combination, Combination, Combination];

/** A rank-1 constraint system as read from a `.r1cs` file (iden3's binary format), kept apart from snarkjs' own checker. */
export interface ConstraintSystem {
  wires: number;
  publicOutputs: number;
  publicInputs: number;
  privateInputs: number;
  constraints: Constraint[];
}

/** Throws `constraint-system-invalid` for another format. */
export function readConstraintSystem(path: string): ConstraintSystem {
  const file = readFileSync(path);
  if (file.subarray(0, 4).toString("latin1") !== "r1cs") throw new ThreadlineError("constraint-system-invalid", `${path} is no .r1cs file`);
  const sections = new Map<number, Buffer>();
  for (let position = 12; position < file.length; ) {
    const length = Number(file.readBigUInt64LE(position + 4));
    sections.set(file.readUInt32LE(position), file.subarray(position + 12, position + 12 + length));
    position += 12 + length;
  }
  const header = sections.get(1);
  const body = sections.get(2);
  if (header === undefined || body === undefined) throw new ThreadlineError("constraint-system-invalid", `${path} has no header or no constraints`);
  const fieldBytes = header.readUInt32LE(0);
  const numbers = fieldBytes + 4;
  let position = 0;
  const combination = (): Combination => {
    const terms = body.readUInt32LE(position);
    position += 4;
    return Array.from({ length: terms }, () => {
      const wire = body.readUInt32LE(position);
      const coefficient = littleEndian(body.subarray(position + 4, position + 4 + fieldBytes));
      position += 4 + fieldBytes;
      return { wire, coefficient };
    });
  };
  return {
    wires: header.readUInt32LE(numbers),
    publicOutputs: header.readUInt32LE(numbers + 4),
    publicInputs: header.readUInt32LE(numbers + 8),
    privateInputs: header.readUInt32LE(numbers + 12),
    constraints: Array.from({ length: header.readUInt32LE(numbers + 24) }, () => [combination(), combination(), combination()]),
  };
}

/** Numbers of the constraints a witness breaks. */
export function brokenConstraints(system: ConstraintSystem, witness: readonly bigint[]): number[] {
  return system.constraints.flatMap((constraint, index) => (holds(constraint, witness) ? [] : [index]));
}

export function holds([a, b, c]: Constraint, witness: readonly bigint[]): boolean {
  return reduce(valueOf(a, witness) * valueOf(b, witness) - valueOf(c, witness)) === 0n;
}

export function valueOf(combination: Combination, witness: readonly bigint[]): bigint {
  let sum = 0n;
  for (const { wire, coefficient } of combination) sum += coefficient * (witness[wire] ?? 0n);
  return reduce(sum);
}

/** Wires of a constraint, each once, without the constant. */
export function wiresOf(constraint: Constraint): number[] {
  const wires = new Set<number>();
  for (const side of constraint) for (const { wire } of side) if (wire !== 0) wires.add(wire);
  return [...wires];
}

/** Coefficients of one wire on the three sides. */
export function coefficientsOf(constraint: Constraint, wire: number): [bigint, bigint, bigint] {
  const sum = (side: Combination): bigint => side.reduce((total, term) => (term.wire === wire ? total + term.coefficient : total), 0n);
  return [sum(constraint[0]), sum(constraint[1]), sum(constraint[2])];
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
