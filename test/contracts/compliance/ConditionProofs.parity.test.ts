import fc from "fast-check";
import { dataSlice, id } from "ethers";
import { describe, expect, test } from "vitest";
import { CONDITION_SEGMENT } from "../../../services/model/condition/signals.generated.ts";
import { conditionProfileSchema, profileTerms, timeUnitSeconds, toTicks } from "../../../services/model/condition/profile.ts";
import type { ConditionProfile } from "../../../services/model/condition/profile.ts";
import { segmentContext } from "../../../services/model/condition/context.ts";
import { genesisCommitment } from "../../../services/model/condition/state.ts";
import { flowToLedger } from "../../../services/model/custody/flow-to-ledger.ts";
import { flowDocument } from "../../../services/model/custody/flow.ts";
import { DEVICE, INBOUND, JOURNEY, UNIT_SECONDS, openCompliance, unproven } from "../support/compliance.ts";
import { testFlow } from "../support/flow.ts";
import { revertData } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const SEED = 20_260_102;
const SIGNALS = 6;

/** Profiles whose budgets fit; what does not fit is refused by both sides, see FlowRegistry.test.ts and the model's tests. */
const anyProfile = fc
  .record({
    temperatures: fc.tuple(fc.integer({ min: -27_315, max: 38_220 }), fc.integer({ min: -27_315, max: 38_220 })),
    temperatureBudget: fc.nat({ max: 2 ** 22 - 1 }),
    tiltBudget: fc.nat({ max: 2 ** 22 - 1 }),
    tiltLimitDegrees: fc.option(fc.integer({ min: 0, max: 180 })),
    longestGapSeconds: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 0xffff })),
    longestDurationSeconds: fc.integer({ min: 1, max: 0xffff_ffff }),
  })
  .map(({ temperatures, temperatureBudget, tiltBudget, ...rest }): ConditionProfile => {
    const unit = timeUnitSeconds(rest.longestGapSeconds);
    return conditionProfileSchema.parse({
      name: "random",
      ...rest,
      minimumTemperatureCelsius: Math.min(...temperatures) / 100,
      maximumTemperatureCelsius: Math.max(...temperatures) / 100,
      temperatureBudgetSeconds: temperatureBudget * unit + (unit - 1),
      tiltBudgetSeconds: tiltBudget * unit,
    });
  });

describe("ConditionProofs and the TypeScript twin", () => {
  const threadline = useThreadline({ verifier: "echo" }, async (fresh) => {
    await openCompliance(fresh);
  });

  test("ask the verifier for the same public signals, whatever the profile", { timeout: 120_000 }, async () => {
    const { flows, ledger, proofs, devices, addresses, chainId, now } = threadline();
    const { keyCommitment } = await devices.device(DEVICE);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(anyProfile, fc.nat({ max: 86_400 }), async (profile, length) => {
        const flow = { ...testFlow, name: `flow-${run}`, profiles: [{ ...profile, name: "cool" }] };
        const journeyId = id(`random journey ${run++}`);
        await flows.register(flowDocument(flow), flowToLedger(flow));
        await ledger.openJourney(journeyId, await flows.flowCount(), id("identity"));
        const unit = timeUnitSeconds(profile.longestGapSeconds);
        const from = toTicks(await now(), unit) + 1;
        const to = from + toTicks(length, unit);
        await proofs.assignDevice(journeyId, INBOUND, DEVICE, from * unit);
        const segment = unproven({ from: from * unit, to: to * unit, stateAfter: 11n, readingsCommitment: 12n });
        const asked = await proofs.submitSegments.staticCall(journeyId, INBOUND, [segment] as never).catch(revertData);
        const signals = Array.from({ length: SIGNALS }, (_, place) => BigInt(dataSlice(asked as string, 4 + 32 * (8 + place), 4 + 32 * (9 + place))));
        const expected = {
          context: segmentContext({ chainId, contract: addresses.conditionProofs, journeyId, leg: INBOUND }),
          deviceKeyCommitment: keyCommitment,
          terms: profileTerms(profile, from, to),
          stateBefore: genesisCommitment,
          stateAfter: 11n,
          readingsCommitment: 12n,
        };
        expect(signals).toEqual(CONDITION_SEGMENT.publicSignals.map((name) => expected[name]));
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});

describe("ConditionProofs over random segments", () => {
  let start = 0;
  const threadline = useThreadline({ verifier: "yes" }, async (fresh) => {
    start = await openCompliance(fresh);
    await fresh.proofs.assignDevice(JOURNEY, INBOUND, DEVICE, start);
  });

  test("coverage is always one interval, made of the segments accepted, each from where the last ended", async () => {
    const { proofs } = threadline();
    const offset = fc.integer({ min: -3, max: 30 });
    // Mostly where the last one ended, so that chains grow.
    const anySegment = fc.record({ jump: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: offset }), length: offset });
    let accepted = 0;
    let covered = { from: 0, to: start };
    await fc.assert(
      fc.asyncProperty(anySegment, async ({ jump, length }) => {
        const from = covered.to + jump;
        const to = from + length;
        const fits = from % UNIT_SECONDS === 0 && to % UNIT_SECONDS === 0 && length >= 0;
        const expected = fits && (accepted === 0 ? from >= start : jump === 0);
        const sent = proofs.submitSegments(JOURNEY, INBOUND, [unproven({ from, to, stateAfter: BigInt(accepted + 1) })] as never);
        expect(await sent.then(() => true, () => false)).toBe(expected);
        if (expected) {
          covered = { from: accepted === 0 ? from : covered.from, to };
          accepted += 1;
          const { from: storedFrom, to: storedTo, segments, state } = await proofs.coverage(JOURNEY, INBOUND);
          expect([storedFrom, storedTo, segments, state]).toEqual([BigInt(covered.from), BigInt(covered.to), BigInt(accepted), BigInt(accepted)]);
        }
      }),
      { seed: SEED, numRuns: 200, endOnFailure: true },
    );
    expect(accepted).toBeGreaterThan(20);
  });
});
