/** Inputs of a Circom witness calculator; field elements as decimal strings. */
export type CircuitInputs = Record<string, string | string[]>;

/** The project's circuits, as circuits/circuits.json names them. */
export const CIRCUIT_NAMES = ["condition-segment", "identity-link", "batch-release"] as const;

export type CircuitName = (typeof CIRCUIT_NAMES)[number];

/** Numbers and field elements as the witness calculator reads them. */
export function toCircuitInputs(inputs: Record<string, bigint | number | readonly (bigint | number)[]>): CircuitInputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, typeof value === "object" ? value.map(String) : String(value)]),
  );
}
