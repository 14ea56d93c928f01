import type { CircuitInputs } from "./compiled-circuit.ts";

export interface NamedInputs {
  name: string;
  inputs: CircuitInputs;
}

/** What the audit and the mutants need to know of a circuit of the manifest; parameters are the template's. */
export interface CircuitFixture {
  /** Sizes at which mutants are compiled and private inputs are altered one by one. */
  smallParameters: Record<string, number>;
  /** Inputs the statement computes from the others, such as commitments: the audit demands that they follow from the rest. */
  computedInputs: readonly string[];
  /** Inputs the circuit accepts; several, so that both sides of every branch are taken. */
  honest(parameters: Record<string, number>): NamedInputs[];
  /** Inputs it must refuse, each wrong in as little as possible: the corpus that kills mutants. */
  forged(parameters: Record<string, number>): NamedInputs[];
}
