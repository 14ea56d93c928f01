import { readFileSync } from "node:fs";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { known } from "./known.ts";

/** One linear combination: wires and their coefficients. */
type Combination = { wire: number; coefficient: bigint }[];

/** A rank-1 constraint system as read from a `.r1cs` file (iden3's binary format), kept apart from snarkjs' own checker. */
export interface ConstraintSystem {
  wires: number;
  publicInputs: number;
  privateInputs: number;
  constraints: [Combination, Combination, Combination][];
}

export function readConstraintSystem(path: string): ConstraintSystem {
  const file = readFileSync(path);
  if (file.subarray(0, 4).toString("latin1") !== "r1cs") throw new Error(`${path} is no .r1cs file`);
  const sections = new Map<number, Buffer>();
  for (let position = 12; position < file.length; ) {
    const length = Number(file.readBigUInt64LE(position + 4));
    sections.set(file.readUInt32LE(position), file.subarray(position + 12, position + 12 + length));
    position += 12 + length;
  }
  const header = known(sections.get(1));
  const body = known(sections.get(2));
  const fieldBytes = header.readUInt32LE(0);
  const numbers = fieldBytes + 4;
  const count = header.readUInt32LE(numbers + 24);
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
    publicInputs: header.readUInt32LE(numbers + 8),
    privateInputs: header.readUInt32LE(numbers + 12),
    constraints: Array.from({ length: count }, () => [combination(), combination(), combination()]),
  };
}

/** Numbers of the constraints a witness breaks. */
export function brokenConstraints(system: ConstraintSystem, witness: readonly bigint[]): number[] {
  return system.constraints.flatMap(([a, b, c], index) => (field(value(a, witness) * value(b, witness) - value(c, witness)) === 0n ? [] : [index]));
}

/**
 * Wires that can take another value without breaking a constraint, all others unchanged: each wire but the constant is
 * set to 0, 1, p - 1 and its value + 1 in turn.
 */
export function freeWires(system: ConstraintSystem, witness: readonly bigint[]): number[] {
  const touching = Array.from({ length: system.wires }, () => new Map<number, [bigint, bigint, bigint]>());
  const values = system.constraints.map((sides, index) => {
    sides.forEach((side, place) => {
      for (const { wire, coefficient } of side) {
        const coefficients = known(touching[wire]).get(index) ?? [0n, 0n, 0n];
        coefficients[place] = known(coefficients[place]) + coefficient;
        known(touching[wire]).set(index, coefficients);
      }
    });
    return sides.map((side) => value(side, witness)) as [bigint, bigint, bigint];
  });
  const isFree = (wire: number): boolean => {
    const honest = known(witness[wire]);
    return [0n, 1n, FIELD_ORDER - 1n, field(honest + 1n)]
      .filter((other) => other !== honest)
      .some((other) => {
        const change = other - honest;
        for (const [index, [a, b, c]] of known(touching[wire])) {
          const [left, right, product] = known(values[index]);
          if (field((left + a * change) * (right + b * change) - (product + c * change)) !== 0n) return false;
        }
        return true;
      });
  };
  return Array.from({ length: system.wires - 1 }, (_, index) => index + 1).filter(isFree);
}

function value(combination: Combination, witness: readonly bigint[]): bigint {
  return combination.reduce((sum, { wire, coefficient }) => sum + coefficient * known(witness[wire]), 0n) % FIELD_ORDER;
}

function field(number: bigint): bigint {
  return ((number % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
