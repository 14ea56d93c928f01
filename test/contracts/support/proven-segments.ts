import { join } from "node:path";
import { createDeviceSigningKey, segmentCircuitInputs, segmentContext, segmentPublicSignals, signSegment, stateCommitment } from "../../../services/model/condition/index.ts";
import { genesisBlinding, genesisState, segmentToTick } from "../../../services/model/condition/index.ts";
import type { ConditionProfile, Segment, SegmentStatement } from "../../../services/model/condition/index.ts";
import { proofToCalldata } from "../../../services/proving/prover/proof-calldata.ts";
import { createProverPool } from "../../../services/proving/prover/prover-pool.ts";
import { UNIT_SECONDS } from "./compliance.ts";
import { testFlow } from "./flow.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A development key: the logger of these tests. */
export const logger = createDeviceSigningKey(new Uint8Array(32).fill(7));

export interface SubmittedSegment {
  from: number;
  to: number;
  stateAfter: bigint;
  readingsCommitment: bigint;
  proofA: [bigint, bigint];
  proofB: [[bigint, bigint], [bigint, bigint]];
  proofC: [bigint, bigint];
}

/**
 * Proves `count` segments that continue one another, a reading every five minutes at 5 °C, as
 * `ConditionProofs.submitSegments` takes them.
 */
export async function proveSegments(options: {
  chainId: bigint;
  conditionProofs: string;
  journeyId: string;
  leg: number;
  start: number;
  readings: number;
  count: number;
  profile?: ConditionProfile;
}): Promise<SubmittedSegment[]> {
  const profile = options.profile ?? testFlow.profiles[0];
  if (profile === undefined) throw new Error("the test flow has no profile");
  const context = segmentContext({ ...options, contract: options.conditionProofs });
  const pool = await createProverPool({ workers: 1, circuitsDirectory: join(ROOT, "circuits"), buildDirectory: join(ROOT, "build/circuits") });
  try {
    const submitted: SubmittedSegment[] = [];
    let before = { state: { ...genesisState }, blinding: genesisBlinding };
    let fromTick = options.start / UNIT_SECONDS;
    for (let number = 0; number < options.count; number += 1) {
      const segment = steadySegment(context, fromTick, options.readings, number === 0);
      const blindingAfter = 1000n + BigInt(number);
      const statement: SegmentStatement = {
        segment,
        publicKey: logger.publicKey,
        profile,
        stateBefore: before.state,
        blindingBefore: before.blinding,
        blindingAfter,
      };
      const { named, stateAfter } = segmentPublicSignals(statement);
      const { proof } = await pool.prove("condition-segment", segmentCircuitInputs({ ...statement, signature: signSegment(segment, logger) }));
      const { a, b, c } = proofToCalldata(proof);
      const toTick = segmentToTick(segment);
      submitted.push({
        from: fromTick * UNIT_SECONDS,
        to: toTick * UNIT_SECONDS,
        stateAfter: stateCommitment(stateAfter, blindingAfter),
        readingsCommitment: named.readingsCommitment,
        proofA: a,
        proofB: b,
        proofC: c,
      });
      before = { state: stateAfter, blinding: blindingAfter };
      fromTick = toTick;
    }
    return submitted;
  } finally {
    await pool.close();
  }
}

function steadySegment(context: bigint, fromTick: number, readings: number, isFirst: boolean): Segment {
  const step = 300 / UNIT_SECONDS;
  return {
    context,
    fromTick,
    salt: BigInt(fromTick) * 1_000_003n,
    readings: Array.from({ length: readings }, (_, index) => ({
      temperatureCentikelvin: 27_815,
      tiltDegrees: 3,
      stepTicks: isFirst && index === 0 ? 0 : step,
    })),
  };
}
