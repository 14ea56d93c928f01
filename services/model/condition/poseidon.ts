import { poseidon2 } from "poseidon-lite/poseidon2";
import { poseidon3 } from "poseidon-lite/poseidon3";
import * as poseidon from "poseidon-lite";

type Poseidon = (inputs: bigint[]) => bigint;

const WIDEST = 16;
const byWidth = poseidon as unknown as Record<string, Poseidon | undefined>;

/** Poseidon of two field elements, as circomlib's Poseidon(2). */
export function poseidonPair(left: bigint, right: bigint): bigint {
  return poseidon2([left, right]);
}

/** Poseidon of three field elements, as circomlib's Poseidon(3). */
export function poseidonTriple(first: bigint, second: bigint, third: bigint): bigint {
  return poseidon3([first, second, third]);
}

/** The twin of circuits/lib/poseidon-chain.circom: up to 16 elements, then the hash so far and up to 15 more. */
export function poseidonChain(elements: readonly bigint[]): bigint {
  if (elements.length === 0) throw new RangeError("a Poseidon chain needs at least one element");
  let hash = hashOf(elements.slice(0, WIDEST));
  for (let position = WIDEST; position < elements.length; position += WIDEST - 1)
    hash = hashOf([hash, ...elements.slice(position, position + WIDEST - 1)]);
  return hash;
}

function hashOf(inputs: bigint[]): bigint {
  const hash = byWidth[`poseidon${inputs.length}`];
  if (hash === undefined) throw new RangeError(`Poseidon takes 1 to ${WIDEST} inputs, not ${inputs.length}`);
  return hash(inputs);
}
