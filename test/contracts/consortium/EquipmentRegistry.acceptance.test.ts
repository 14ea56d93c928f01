import { ZeroAddress, encodeBytes32String, id } from "ethers";
import { describe, expect, test } from "vitest";
import { EQUIPMENT_ACCEPTANCE_TYPES } from "../../../services/model/custody/disposition-typed-data.ts";
import { flowSchema } from "../../../services/model/custody/flow.ts";
import { equipmentIdOf, laneIdOf } from "../../../services/model/custody/identifiers.ts";
import { threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { eventsOf } from "../support/events.ts";
import { STEP, testFlow } from "../support/flow.ts";
import { openQuality, wayTo } from "../support/quality.ts";
import type { Quality, QualityPerson } from "../support/quality.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const OTHER_JOURNEY = id("journey 2");
const SHIPPER = equipmentIdOf("09506000134352SHIP1");
const LANE = laneIdOf("clinic-to-factory");
const DAY = 86_400;
const INBOUND = 0;
const QUALIFIED_PERSON = 16;
const STATUS = { pending: 0n, compliant: 1n, notCompliant: 2n, completed: 3n };
const SHIPPER_CODE = encodeBytes32String("shipper-not-qualified");
const LANE_CODE = encodeBytes32String("lane-not-qualified");

const flow = flowSchema.parse({ ...testFlow, legs: testFlow.legs.map((leg) => ({ ...leg, shipper: true })) });

/** The leg went in a shipper and over a lane that nobody ever qualified; exception 0 is the shipper's, 1 the lane's. */
describe("accepting what carried a leg", () => {
  let quality: Quality;
  let start = 0;
  const threadline = useThreadline({ flow }, async (fresh) => {
    start = (await fresh.now()) - 7200;
    quality = await openQuality(fresh);
    for (const journeyId of [JOURNEY, OTHER_JOURNEY]) {
      await fresh.ledger.openJourney(journeyId, 1, id("identity"));
      await fresh.equipment.assignShipper(journeyId, INBOUND, SHIPPER, LANE, start);
      await raise("shipper", { journeyId });
      await raise("lane", { journeyId, code: LANE_CODE });
      for (const number of [0, 1]) await approve(number, "accepted", journeyId);
      await travel(journeyId);
    }
  });

  async function travel(journeyId: string, isOver = true) {
    const { ledger, signFact, actors } = threadline();
    await ledger.record([await signFact(actors.clinic.wallet, { journeyId, sequence: 0, step: STEP.handOver, occurredAt: start })]);
    if (isOver) await ledger.record([await signFact(actors.factory.wallet, { journeyId, sequence: 1, step: STEP.receive, occurredAt: start + 3600 })]);
  }
  /** Returns its number; what the journey's own steps raise is numbered in between. */
  async function raise(key: string, { leg = INBOUND + 1, code = SHIPPER_CODE, journeyId = JOURNEY } = {}) {
    await threadline().exceptions.raise(id(`${journeyId} ${key}`), journeyId, code, leg, start, id("detail"));
    return Number(await threadline().exceptions.count(journeyId)) - 1;
  }
  async function approve(number: number, outcome: "accepted" | "resolved", journeyId = JOURNEY) {
    for (const [stage, person] of wayTo(outcome)) await quality.advance({ journeyId, number, to: stage, person });
  }
  interface Values { journeyId?: string; leg?: number; assignments?: number; exceptionNumber?: number; signedAt?: number }
  async function sign(values: Values = {}, person: QualityPerson = "quality", change: object = {}) {
    const { chainId, addresses, now } = threadline();
    const value = { journeyId: JOURNEY, leg: INBOUND, assignments: 1, exceptionNumber: 0, signedAt: await now(), ...values };
    const domain = { ...threadlineDomain(chainId, addresses.equipmentRegistry), ...change };
    const signature = await quality.people[person].wallet.signTypedData(domain, EQUIPMENT_ACCEPTANCE_TYPES, value);
    return [value.journeyId, value.leg, value.assignments, value.exceptionNumber, value.signedAt, signature] as const;
  }
  const accept = async (...args: Parameters<typeof sign>) => threadline().equipment.acceptEquipment(...(await sign(...args)));
  const status = (journeyId = JOURNEY) => threadline().equipment.legStatus(journeyId, INBOUND);
  const open = async (journeyId = JOURNEY) => [...(await threadline().equipment.openFindings(journeyId, INBOUND))];

  test("shippers and lanes are accepted each for themselves; the check is then completed, of this journey alone", async () => {
    const { equipment, actors, releases } = threadline();
    expect([await status(), await open()]).toEqual([STATUS.notCompliant, [true, true, 1n]]);
    const acceptance = await sign();
    expect(await eventsOf(equipment, equipment.acceptEquipment(...acceptance))).toEqual([
      ["EquipmentAccepted", JOURNEY, 0n, SHIPPER_CODE, 1n, 0n, 4n, actors.quality.wallet.address, BigInt(acceptance[4]), acceptance[5]],
    ]);
    expect([await status(), await open()]).toEqual([STATUS.notCompliant, [false, true, 1n]]);
    await accept({ exceptionNumber: 1 });
    expect([await status(), await open()]).toEqual([STATUS.completed, [false, false, 1n]]);
    expect((await releases.checks(JOURNEY, 0)).map(({ kind, status: found }) => [kind, found])).toContainEqual([7n, STATUS.completed]);
    expect([await status(OTHER_JOURNEY), await open(OTHER_JOURNEY)]).toEqual([STATUS.notCompliant, [true, true, 1n]]);
  });

  test("an acceptance stands only for what its signer saw: one more shipper, and it is to be accepted anew", async () => {
    await accept();
    await accept({ exceptionNumber: 1 });
    await threadline().equipment.assignShipper(JOURNEY, INBOUND, equipmentIdOf("09506000134352SHIP2"), LANE, start + 60);
    expect([await status(), await open()]).toEqual([STATUS.notCompliant, [true, true, 2n]]);
    await expectRevert(accept(), "EquipmentRegistryAssignedSince", [JOURNEY, INBOUND, 2, 1]);
    await accept({ assignments: 2 });
    await accept({ assignments: 2, exceptionNumber: 1 });
    expect(await status()).toBe(STATUS.completed);
  });

  test("a leg that nobody named a shipper for is accepted as one whose shipper is not qualified", async () => {
    const journeyId = id("journey in no shipper");
    await threadline().ledger.openJourney(journeyId, 1, id("identity"));
    await travel(journeyId);
    const exceptionNumber = await raise("missing", { journeyId });
    await approve(exceptionNumber, "accepted", journeyId);
    expect([await status(journeyId), await open(journeyId)]).toEqual([STATUS.pending, [true, false, 0n]]);
    await accept({ journeyId, assignments: 0, exceptionNumber });
    expect([await status(journeyId), await open(journeyId)]).toEqual([STATUS.completed, [false, false, 0n]]);
  });

  test("what was qualified after all is compliant, accepted or not", async () => {
    const registrar = threadline().equipment.connect(threadline().accounts.registrar);
    const { courier } = threadline().actors;
    await registrar.registerShipper(SHIPPER, courier.participantId, id("document"));
    await registrar.registerLane(LANE, id("document"));
    await registrar.qualifyLane(LANE, start - DAY, start + DAY, id("certificate"));
    await expectRevert(accept({ exceptionNumber: 1 }), "EquipmentRegistryNothingToAccept", [JOURNEY, INBOUND, LANE_CODE]);
    await accept();
    expect(await status()).toBe(STATUS.completed);
    await threadline().equipment.assignShipper(JOURNEY, INBOUND, SHIPPER, LANE, start + 3000);
    await registrar.qualifyShipper(SHIPPER, start - DAY, start + 1000, id("certificate"));
    expect(await status()).toBe(STATUS.notCompliant);
  });

  describe("attacks", () => {
    test.each(["assurance", "clinic", "courier", "factory", "authority"] as const)("the %s accepts nothing", async (person) => {
      const { address } = quality.people[person].wallet;
      const { roles } = await threadline().participants.activeSigner(address);
      await expectRevert(accept({}, person), "EquipmentRegistryNotAuthorised", [address, roles, QUALIFIED_PERSON]);
    });

    test("an exception that was resolved, is only proposed, concerns another leg or none, or is of another kind", async () => {
      const resolved = await raise("resolved");
      await approve(resolved, "resolved");
      const proposed = await raise("proposed");
      for (const [stage, person] of wayTo("accepted").slice(0, -1)) await quality.advance({ journeyId: JOURNEY, number: proposed, to: stage, person });
      const others = [await raise("another leg", { leg: INBOUND + 2 }), await raise("no leg", { leg: 0 }), await raise("warm", { code: encodeBytes32String("temperature-excursion") })];
      for (const number of others) await approve(number, "accepted");
      for (const exceptionNumber of [resolved, proposed, ...others]) {
        const { code } = await threadline().exceptions.exceptionAt(JOURNEY, exceptionNumber);
        await expectRevert(accept({ exceptionNumber }), "EquipmentRegistryExceptionDoesNotCover", [JOURNEY, INBOUND, exceptionNumber, code]);
      }
      await expectRevert(accept({ exceptionNumber: 99 }), "ExceptionRegisterUnknownException", [JOURNEY, 99]);
      expect(await status()).toBe(STATUS.notCompliant);
      await quality.advance({ journeyId: JOURNEY, number: 0, to: "closed", person: "quality" });
      await accept();
    });

    test("the exception of another journey, which this one does not have", async () => {
      const exceptionNumber = await raise("one more", { journeyId: OTHER_JOURNEY });
      await approve(exceptionNumber, "accepted", OTHER_JOURNEY);
      await expectRevert(accept({ exceptionNumber }), "ExceptionRegisterUnknownException", [JOURNEY, exceptionNumber]);
    });

    test("a leg under way, not begun, or unknown", async () => {
      const journeyId = id("journey under way");
      const { ledger, equipment } = threadline();
      await ledger.openJourney(journeyId, 1, id("identity"));
      await equipment.assignShipper(journeyId, INBOUND, SHIPPER, LANE, start);
      await raise("shipper", { journeyId });
      await approve(0, "accepted", journeyId);
      await expectRevert(accept({ journeyId }), "EquipmentRegistryLegNotOver", [journeyId, INBOUND]);
      await travel(journeyId, false);
      expect([await status(journeyId), await open(journeyId)]).toEqual([STATUS.notCompliant, [false, false, 1n]]);
      await expectRevert(accept({ journeyId }), "EquipmentRegistryLegNotOver", [journeyId, INBOUND]);
      await expectRevert(accept({ leg: 1 }), "EquipmentRegistryUnknownLeg", [JOURNEY, 1]);
    });

    test("a signature for another journey, leg, count, exception, time, chain or contract, or none at all", async () => {
      const { equipment, ethers, addresses, now } = threadline();
      const signedAt = await now();
      const digest = await equipment.equipmentAcceptanceDigest(JOURNEY, INBOUND, 1, 0, signedAt);
      const others: [Values, object?][] = [
        [{ journeyId: OTHER_JOURNEY }], [{ leg: 1 }], [{ assignments: 0 }], [{ exceptionNumber: 1 }], [{ signedAt: signedAt + 1 }],
        [{}, { chainId: 1n }], [{}, { verifyingContract: addresses.conditionProofs }],
      ];
      for (const [values, change] of others) {
        const signature = (await sign({ signedAt, ...values }, "quality", change))[5];
        await expectRevert(equipment.acceptEquipment(JOURNEY, INBOUND, 1, 0, signedAt, signature), "EquipmentRegistryNotAuthorised", [
          ethers.recoverAddress(digest, signature), 0, QUALIFIED_PERSON,
        ]);
      }
      for (const [, signature] of malformedSignatures((await sign({ signedAt }))[5]))
        await expectRevert(equipment.acceptEquipment(JOURNEY, INBOUND, 1, 0, signedAt, signature), "EquipmentRegistryNotAuthorised", [ZeroAddress, 0, QUALIFIED_PERSON]);
    });

    test("the same acceptance twice, an old signature, a caller who is not the oracle", async () => {
      const { equipment, accounts, now } = threadline();
      await expect(accept({ signedAt: (await now()) - 86_460 })).rejects.toThrow("SigningTimeOutOfRange");
      const acceptance = await sign();
      await expectMissingRole(equipment.connect(accounts.outsider).acceptEquipment(...acceptance), accounts.outsider.address, id("ORACLE_ROLE"));
      await equipment.acceptEquipment(...acceptance);
      await expectRevert(equipment.acceptEquipment(...acceptance), "EquipmentRegistryNothingToAccept", [JOURNEY, INBOUND, SHIPPER_CODE]);
    });
  });
});
