/** Runs a witness calculator as circom 2 compiles it, without snarkjs between: one instance for many inputs. */
import { reduce } from "./prime-field.ts";

interface Exports {
  init(sanityCheck: number): void;
  getFieldNumLen32(): number;
  getWitnessSize(): number;
  getWitness(index: number): void;
  getInputSignalSize(high: number, low: number): number;
  setInputSignal(high: number, low: number, place: number): void;
  readSharedRWMemory(index: number): number;
  writeSharedRWMemory(index: number, word: number): void;
}

/** What is used of the WebAssembly global, for which the compiler knows no types without the browser's. */
interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, (code: number) => void>>) => { exports: Exports };
}

/** All wires of the witness, or those at the given places, or null when an assertion or a constraint of the circuit fails. Throws RangeError for inputs that are none of the circuit's. */
export type WitnessCalculator = (inputs: Record<string, unknown>, places?: readonly number[]) => bigint[] | null;

/** Code by which the calculator says that an assertion failed. */
const ASSERT_FAILED = 4;

class CalculatorStopped extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`the witness calculator stopped with code ${code}`);
    this.code = code;
  }
}

export function createWitnessCalculator(wasm: Uint8Array): WitnessCalculator {
  const silent = (): void => {};
  const stop = (code: number): never => {
    throw new CalculatorStopped(code);
  };
  const imports = { exceptionHandler: stop, printErrorMessage: silent, writeBufferMessage: silent, showSharedRWMemory: silent };
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  const calculator = new Instance(new Module(wasm), { runtime: imports }).exports;
  const words = calculator.getFieldNumLen32();

  return (inputs, places) => {
    try {
      calculator.init(1);
      for (const [name, value] of Object.entries(inputs)) {
        const [high, low] = hashOf(name);
        const elements = [value].flat(Infinity).map((element) => reduce(BigInt(element as string)));
        if (calculator.getInputSignalSize(high, low) !== elements.length) throw new RangeError(`the circuit does not take ${elements.length} elements as ${name}`);
        elements.forEach((element, place) => {
          for (let word = 0; word < words; word += 1) calculator.writeSharedRWMemory(word, Number((element >> BigInt(32 * word)) & 0xffffffffn) | 0);
          calculator.setInputSignal(high, low, place);
        });
      }
    } catch (error) {
      if (error instanceof CalculatorStopped && error.code === ASSERT_FAILED) return null;
      throw error;
    }
    return (places ?? Array.from({ length: calculator.getWitnessSize() }, (_, index) => index)).map((index) => {
      calculator.getWitness(index);
      let value = 0n;
      for (let word = words - 1; word >= 0; word -= 1) value = (value << 32n) | BigInt(calculator.readSharedRWMemory(word) >>> 0);
      return value;
    });
  };
}

/** FNV-1a of a signal's name, in two words of 32 bits: how the calculator finds it. */
function hashOf(name: string): [number, number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return [Number(hash >> 32n) | 0, Number(hash & 0xffffffffn) | 0];
}
