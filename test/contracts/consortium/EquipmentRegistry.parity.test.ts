import fc from "fast-check";
import { encodeBytes32String, id } from "ethers";
import { describe, expect, test } from "vitest";
import { EQUIPMENT_ACCEPTANCE_TYPES } from "../../../services/model/custody/disposition-typed-data.ts";
import { EQUIPMENT_CODES, NOTHING_ACCEPTED, equipmentStatus, isLaneQualified, isShipperQualified } from "../../../services/model/custody/equipment.ts";
import type { QualificationPeriod } from "../../../services/model/custody/equipment.ts";
import { flowSchema } from "../../../services/model/custody/flow.ts";
import { threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { STEP, testFlow } from "../support/flow.ts";
import { openQuality, wayTo } from "../support/quality.ts";
import { useThreadline } from "../support/use-threadline.ts";

const SEED = 20_260_304;
const RUNS = 120;
const JOURNEYS = [id("journey 1"), id("journey 2")];
const SHIPPERS = [id("shipper 1"), id("shipper 2")];
const LANE = id("lane");
const TOLERANCE = 5;
const STATUSES = ["pending", "compliant", "not-compliant", "completed"];
const CODES = ["shipper-not-qualified", "lane-not-qualified"] as const;

const flow = flowSchema.parse({
  ...testFlow,
  handoverToleranceSeconds: TOLERANCE,
  legs: testFlow.legs.map((leg) => ({ ...leg, shipper: true })),
});

/** Times so close together that every boundary is met often. */
const moment = fc.integer({ min: 0, max: 30 });
const period = fc.tuple(moment, fc.integer({ min: 1, max: 30 })).map(([from, length]) => ({ from, until: from + length }));
/** One that covers most of them, so that a leg may well be compliant. */
const longPeriod = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 20, max: 60 })).map(([from, length]) => ({ from, until: from + length }));
const periods = (maxLength: number) => fc.array(fc.oneof(period, longPeriod), { minLength: 1, maxLength });
const world = fc.record({
  shippers: fc.tuple(periods(3), fc.oneof(periods(2), fc.constant([]))),
  lane: periods(2),
  uses: fc.uniqueArray(fc.record({ journey: fc.nat(1), shipper: fc.nat(1), at: moment }), {
    maxLength: 4,
    selector: ({ journey, shipper, at }) => `${journey}/${shipper}/${at}`,
  }),
  start: fc.option(moment),
  length: fc.option(fc.integer({ min: 0, max: 20 })),
  /** Which of the two exceptions somebody tries to accept the leg under. */
  accepted: fc.subarray([0, 1]),
  /** A shipper put on the leg after that. */
  since: fc.option(moment, { freq: 3 }),
});

describe("EquipmentRegistry and its TypeScript twin", () => {
  const threadline = useThreadline({ flow }, async (fresh) => {
    for (const journeyId of JOURNEYS) await fresh.ledger.openJourney(journeyId, 1, id("identity"));
    const registrar = fresh.equipment.connect(fresh.accounts.registrar);
    for (const shipper of SHIPPERS) await registrar.registerShipper(shipper, fresh.actors.courier.participantId, id("document"));
    await registrar.registerLane(LANE, id("document"));
    const quality = await openQuality(fresh);
    const [journeyId = ""] = JOURNEYS;
    for (const [number, code] of CODES.entries()) {
      await fresh.exceptions.raise(id(code), journeyId, encodeBytes32String(code), 1, await fresh.now(), id("detail"));
      for (const [stage, person] of wayTo("accepted")) await quality.advance({ journeyId, number, to: stage, person });
    }
  });

  test("judge every leg alike", { timeout: 240_000 }, async () => {
    const { equipment, accounts, provider, ledger, signFact, actors, now, chainId, addresses } = threadline();
    const registrar = equipment.connect(accounts.registrar);
    const base = (await now()) - 3600;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(world, async ({ shippers, lane, uses: assigned, start, length, accepted, since }) => {
        const snapshot = await provider.request({ method: "evm_snapshot", params: [] });
        const moved = (some: readonly QualificationPeriod[]) => some.map(({ from, until }) => ({ from: base + from, until: base + until }));
        const qualifications = shippers.map(moved);
        const laneQualifications = moved(lane);
        for (const [index, periods] of qualifications.entries())
          for (const { from, until } of periods) await registrar.qualifyShipper(SHIPPERS[index] ?? "", from, until, id("certificate"));
        for (const { from, until } of laneQualifications) await registrar.qualifyLane(LANE, from, until, id("certificate"));
        const assign = (use: (typeof assigned)[number]) => equipment.assignShipper(JOURNEYS[use.journey] ?? "", 0, SHIPPERS[use.shipper] ?? "", LANE, base + use.at);
        const times = { start: start === null ? null : base + start, end: start === null || length === null ? null : base + start + length };
        const [journeyId = ""] = JOURNEYS;
        if (times.start !== null) await ledger.record([await signFact(actors.clinic.wallet, { journeyId, sequence: 0, step: STEP.handOver, occurredAt: times.start })]);
        if (times.end !== null) await ledger.record([await signFact(actors.factory.wallet, { journeyId, sequence: 1, step: STEP.receive, occurredAt: times.end })]);

        for (const use of assigned) await assign(use);
        const acceptances = { ...NOTHING_ACCEPTED };
        const count = assigned.filter((use) => use.journey === 0).length;
        for (const exceptionNumber of accepted) {
          const [shippersOpen, lanesOpen] = await equipment.openFindings(journeyId, 0);
          const part = EQUIPMENT_CODES[CODES[exceptionNumber] ?? CODES[0]];
          if (!(part === "shippers" ? shippersOpen : lanesOpen)) continue;
          const value = { journeyId, leg: 0, assignments: count, exceptionNumber, signedAt: await now() };
          const signature = await actors.quality.wallet.signTypedData(threadlineDomain(chainId, addresses.equipmentRegistry), EQUIPMENT_ACCEPTANCE_TYPES, value);
          await equipment.acceptEquipment(journeyId, 0, count, exceptionNumber, value.signedAt, signature);
          acceptances[part] = count;
        }
        const late = since === null || assigned.some((use) => use.at === since) ? [] : [{ journey: 0, shipper: 0, at: since }];
        for (const use of late) await assign(use);
        const uses = [...assigned, ...late];

        const usesOf = (shipper: number) => uses.filter((use) => use.shipper === shipper).map((use) => base + use.at);
        const own = uses
          .filter((use) => use.journey === 0)
          .map((use) => ({
            assignedAt: base + use.at,
            shipperQualifications: qualifications[use.shipper] ?? [],
            shipperUses: usesOf(use.shipper),
            laneQualifications,
          }));
        const expected = equipmentStatus(own, times, TOLERANCE, acceptances);
        seen.add(expected);
        expect(STATUSES[Number(await equipment.legStatus(journeyId, 0))]).toBe(expected);
        for (const use of own) {
          const to = times.end ?? use.assignedAt;
          expect(await equipment.isLaneQualified(LANE, use.assignedAt, to)).toBe(to >= use.assignedAt && isLaneQualified(laneQualifications, use.assignedAt, to));
        }
        for (const [index, shipper] of SHIPPERS.entries())
          expect(await equipment.isShipperQualified(shipper, base + 10, base + 15)).toBe(isShipperQualified(qualifications[index] ?? [], usesOf(index), base + 10, base + 15));
        await provider.request({ method: "evm_revert", params: [snapshot] });
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect([...seen].sort()).toEqual([...STATUSES].sort());
  });
});
