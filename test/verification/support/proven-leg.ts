import { fileURLToPath } from "node:url";
import {
  buildSegments,
  genesisBlinding,
  genesisState,
  profileLimits,
  segmentCircuitInputs,
  segmentContext,
  segmentPublicSignals,
  signSegment,
} from "../../../services/model/condition/index.ts";
import { createProverPool } from "../../../services/proving/prover/prover-pool.ts";
import { proofToCalldata } from "../../../services/proving/prover/proof-calldata.ts";
import { CHAIN_ID, DEVICE_ID, GIAI } from "./ledger-fixture.ts";
import type { Journey, LedgerFixture } from "./ledger-fixture.ts";
import { FLOW } from "./flow.ts";

const folder = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

/**
 * Assigns the device (unless the leg has it), proves readings of one a minute over the interval in segments of `size`
 * from fresh totals, and submits them at once.
 */
export async function proveLeg(fixture: LedgerFixture, journey: Journey, from: number, to: number, size = 40, isAssigned = false): Promise<void> {
  const { proofs } = fixture.contracts;
  const { journeyId } = journey;
  const [profile] = FLOW.profiles;
  if (profile === undefined) throw new Error("the flow has no profile");
  const submit = async (method: string, ...parameters: unknown[]) => {
    const response = (await proofs.getFunction(method)(...parameters)) as { wait(): Promise<unknown> };
    await response.wait();
  };
  if (!isAssigned) await submit("assignDevice", journeyId, 0, DEVICE_ID, from - 600);
  const context = segmentContext({ chainId: CHAIN_ID, contract: fixture.addresses.conditionProofs, journeyId, leg: 0 });
  const readings = Array.from({ length: Math.floor((to - from) / 60) + 1 }, (_, minute) => ({
    timeSeconds: from + 60 * minute,
    temperatureCelsius: 4 + (minute % 5) / 2,
    tiltDegrees: minute % 30,
  }));
  let salt = 1n;
  const { segments } = buildSegments(readings, { profile, context, salt: () => (salt += 1n), readingsPerSegment: size });
  const pool = await createProverPool({ workers: 1, circuitsDirectory: folder("circuits"), buildDirectory: folder("build/circuits") });
  try {
    const { unitSeconds } = profileLimits(profile);
    const submitted = [];
    let stateBefore = { ...genesisState };
    let blindingBefore = genesisBlinding;
    for (const [index, { segment, toTick }] of segments.entries()) {
      const blindingAfter = 1_000n + BigInt(index);
      const statement = { segment, publicKey: fixture.device.publicKey, profile, stateBefore, blindingBefore, blindingAfter };
      const { named, stateAfter } = segmentPublicSignals(statement);
      const { proof } = await pool.prove("condition-segment", segmentCircuitInputs({ ...statement, signature: signSegment(segment, fixture.device) }));
      const { a, b, c } = proofToCalldata(proof);
      submitted.push({
        from: segment.fromTick * unitSeconds,
        to: toTick * unitSeconds,
        stateAfter: named.stateAfter,
        readingsCommitment: named.readingsCommitment,
        proofA: a,
        proofB: b,
        proofC: c,
      });
      journey.disclosure.segments.push({
        readingsCommitment: named.readingsCommitment.toString(),
        leg: 0,
        giai: GIAI,
        fromTick: segment.fromTick,
        toTick,
      });
      stateBefore = stateAfter;
      blindingBefore = blindingAfter;
    }
    await submit("submitSegments", journeyId, 0, submitted);
  } finally {
    await pool.close();
  }
}

/** Records the whole journey up to the tests, with its leg proven: everything the gate asks for. */
export async function recordUntilReleasable(fixture: LedgerFixture, journey: Journey, start: number): Promise<void> {
  await fixture.record(journey, "collect", "hospital", start);
  await fixture.record(journey, "hand-over", "hospital", start + 600);
  await fixture.assignShipper(journey, start + 650);
  await fixture.record(journey, "pick-up", "courier", start + 700);
  await proveLeg(fixture, journey, start + 702, start + 702 + 3_600);
  await fixture.record(journey, "deliver", "courier", start + 4_300);
  await fixture.record(journey, "receive", "manufacturer", start + 4_400);
  await fixture.checkIdentity(journey, "receive", "manufacturer");
  await fixture.record(journey, "test", "manufacturer", start + 4_500);
}

/** A start so long ago that the whole journey lies in the past, on whole ticks. */
export function recentStart(): number {
  return Math.floor(Date.now() / 1000 / 60) * 60 - 7_200;
}
