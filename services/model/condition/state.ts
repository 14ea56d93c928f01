import { poseidonPair } from "./poseidon.ts";

/** A leg's running totals, carried from segment to segment behind a blinded commitment. */
export interface ConditionState {
  /** 22 bits. */
  temperatureExcursionTicks: number;
  /** 22 bits. */
  tiltExcursionTicks: number;
  lastTemperatureOut: boolean;
  lastTiltOut: boolean;
}

/** State and blinding every chain of segments starts from; known to all. */
export const genesisState: Readonly<ConditionState> = Object.freeze({
  temperatureExcursionTicks: 0,
  tiltExcursionTicks: 0,
  lastTemperatureOut: false,
  lastTiltOut: false,
});
export const genesisBlinding = 0n;

/** The twin of circuits/lib/condition-state.circom: temperature 22 | tilt 22 | last temperature 1 | last tilt 1. */
export function packState(state: ConditionState): bigint {
  return (
    BigInt(state.temperatureExcursionTicks) |
    (BigInt(state.tiltExcursionTicks) << 22n) |
    (state.lastTemperatureOut ? 1n << 44n : 0n) |
    (state.lastTiltOut ? 1n << 45n : 0n)
  );
}

/** Poseidon(packed state, blinding). */
export function stateCommitment(state: ConditionState, blinding: bigint): bigint {
  return poseidonPair(packState(state), blinding);
}

/** The public signal `stateBefore` of a chain's first segment. */
export const genesisCommitment: bigint = poseidonPair(0n, genesisBlinding);
