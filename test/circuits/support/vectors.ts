import type { Breach, CircuitInputs, ConditionProfile, ConditionState, SegmentReading, SegmentStatement } from "../../../services/model/condition/index.ts";
import { testKey } from "./segments.ts";

interface Vector {
  generator: string;
  seed: string;
  profile: ConditionProfile;
  stateBefore: ConditionState;
  blindingBefore: string;
  blindingAfter: string;
  segment: { context: string; fromTick: number; salt: string; readings: SegmentReading[] };
}

export interface ValidVector extends Vector {
  publicSignals: Record<string, string>;
}

export interface InvalidVector extends Vector {
  reason: string;
  /** What the model finds; absent where a forger left the model aside. */
  breaches?: Breach[];
  circuitInputs: CircuitInputs;
}

/** The statement a vector describes, under the tests' key. */
export function vectorStatement(vector: Vector): SegmentStatement {
  const { context, salt, ...rest } = vector.segment;
  return {
    segment: { ...rest, context: BigInt(context), salt: BigInt(salt) },
    publicKey: testKey.publicKey,
    profile: vector.profile,
    stateBefore: vector.stateBefore,
    blindingBefore: BigInt(vector.blindingBefore),
    blindingAfter: BigInt(vector.blindingAfter),
  };
}
