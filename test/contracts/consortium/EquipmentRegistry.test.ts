import { id } from "ethers";
import { describe, expect, test } from "vitest";
import { flowSchema } from "../../../services/model/custody/flow.ts";
import { equipmentIdOf, laneIdOf } from "../../../services/model/custody/identifiers.ts";
import { eventsOf } from "../support/events.ts";
import { STEP, testFlow } from "../support/flow.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const OTHER_JOURNEY = id("journey 2");
const SHIPPER = equipmentIdOf("09506000134352SHIP1");
const SPARE = equipmentIdOf("09506000134352SHIP2");
const LANE = laneIdOf("clinic-to-factory");
const DOCUMENT = id("document");
const CERTIFICATE = id("certificate");
const DAY = 86_400;
const INBOUND = 0;
const INCOMING = 0;
const EQUIPMENT_KIND = 7n;
const [PENDING, COMPLIANT, NOT_COMPLIANT] = [0n, 1n, 2n];

/** `testFlow` with its leg in a shipper. */
const flow = flowSchema.parse({ ...testFlow, legs: testFlow.legs.map((leg) => ({ ...leg, shipper: true })) });

describe("EquipmentRegistry", () => {
  let now = 0;
  const threadline = useThreadline({ flow }, async (fresh) => {
    now = await fresh.now();
    for (const journeyId of [JOURNEY, OTHER_JOURNEY]) await fresh.ledger.openJourney(journeyId, 1, id("identity"));
    const registrar = fresh.equipment.connect(fresh.accounts.registrar);
    for (const shipper of [SHIPPER, SPARE]) await registrar.registerShipper(shipper, fresh.actors.courier.participantId, DOCUMENT);
    await registrar.registerLane(LANE, DOCUMENT);
  });
  const registrar = () => threadline().equipment.connect(threadline().accounts.registrar);
  const qualify = (from: number, until: number, shipper = SHIPPER) => registrar().qualifyShipper(shipper, from, until, CERTIFICATE);
  const qualifyLane = () => registrar().qualifyLane(LANE, now - DAY, now + 30 * DAY, CERTIFICATE);
  const assign = (assignedAt: number, journeyId = JOURNEY, shipper = SHIPPER, leg = INBOUND, lane = LANE) =>
    threadline().equipment.assignShipper(journeyId, leg, shipper, lane, assignedAt);
  const status = (journeyId = JOURNEY) => threadline().equipment.legStatus(journeyId, INBOUND);
  const check = async () => (await threadline().releases.checks(JOURNEY, INCOMING)).map((entry) => [...entry]).filter(([kind]) => kind === EQUIPMENT_KIND);

  /** Records the leg's start and, if given, its end. */
  async function travel(start: number, end: number | null, journeyId = JOURNEY) {
    const { ledger, signFact, actors } = threadline();
    await ledger.record([await signFact(actors.clinic.wallet, { journeyId, sequence: 0, step: STEP.handOver, occurredAt: start })]);
    if (end !== null) await ledger.record([await signFact(actors.factory.wallet, { journeyId, sequence: 1, step: STEP.receive, occurredAt: end })]);
  }

  test("a leg in a qualified shipper over a qualified lane opens the gate, once it has ended", async () => {
    expect(await check()).toEqual([[EQUIPMENT_KIND, BigInt(INBOUND), PENDING]]);
    await qualify(now - DAY, now + 10 * DAY);
    await qualifyLane();
    expect(await eventsOf(threadline().equipment, assign(now))).toEqual([
      ["ShipperAssigned", JOURNEY, BigInt(INBOUND), SHIPPER, LANE, BigInt(now)],
    ]);
    expect(await check()).toEqual([[EQUIPMENT_KIND, BigInt(INBOUND), PENDING]]);
    await travel(now, now + 3600);
    expect(await check()).toEqual([[EQUIPMENT_KIND, BigInt(INBOUND), COMPLIANT]]);
    expect((await threadline().equipment.assignments(JOURNEY, INBOUND)).map((entry) => [...entry])).toEqual([[SHIPPER, LANE, BigInt(now)]]);
  });

  test("a gate that requires no leg in a shipper has no such check", async () => {
    expect((await threadline().releases.checks(JOURNEY, 1)).filter(({ kind }) => kind === EQUIPMENT_KIND)).toEqual([]);
  });

  test("registers and qualifies with what a verifier needs", async () => {
    const { equipment, actors } = threadline();
    const other = equipmentIdOf("09506000134352SHIP3");
    expect(await eventsOf(equipment, registrar().registerShipper(other, actors.courier.participantId, DOCUMENT))).toEqual([
      ["ShipperRegistered", other, actors.courier.participantId, DOCUMENT],
    ]);
    expect(await eventsOf(equipment, qualify(1, 2))).toEqual([["ShipperQualified", SHIPPER, 1n, 2n, CERTIFICATE]]);
    expect(await eventsOf(equipment, registrar().registerLane(laneIdOf("other"), DOCUMENT))).toEqual([["LaneRegistered", laneIdOf("other"), DOCUMENT]]);
    expect(await eventsOf(equipment, registrar().qualifyLane(LANE, 3, 4, CERTIFICATE))).toEqual([["LaneQualified", LANE, 3n, 4n, CERTIFICATE]]);
    expect(await equipment.shipperDocument(other)).toBe(DOCUMENT);
    expect(await equipment.laneDocument(LANE)).toBe(DOCUMENT);
  });

  describe("records the fact and keeps the gate shut", () => {
    test("for a shipper that was never qualified, or is not registered at all", async () => {
      await qualifyLane();
      await assign(now, JOURNEY, equipmentIdOf("unknown"));
      await travel(now, now + 60);
      expect(await status()).toBe(NOT_COMPLIANT);
    });

    test("for a lane that is not qualified then", async () => {
      await qualify(now - DAY, now + DAY);
      await registrar().qualifyLane(LANE, now + 1, now + DAY, CERTIFICATE);
      await assign(now);
      expect(await status()).toBe(NOT_COMPLIANT);
    });

    test("for a shipper used again without requalification, and opens it after one", async () => {
      await qualifyLane();
      await qualify(now - DAY, now + 10 * DAY);
      await assign(now, OTHER_JOURNEY);
      await travel(now, now + 60, OTHER_JOURNEY);
      expect(await status(OTHER_JOURNEY)).toBe(COMPLIANT);
      await assign(now + 100);
      await travel(now + 100, now + 200);
      expect(await status()).toBe(NOT_COMPLIANT);
      expect(await status(OTHER_JOURNEY)).toBe(COMPLIANT);
      await qualify(now + 70, now + 10 * DAY);
      expect(await status()).toBe(COMPLIANT);
    });

    test("for a use recorded late that came before: both cannot have had the one qualification", async () => {
      await qualifyLane();
      await qualify(now - DAY, now + 10 * DAY);
      await assign(now + 100);
      await travel(now + 100, now + 200);
      expect(await status()).toBe(COMPLIANT);
      await assign(now, OTHER_JOURNEY);
      expect(await status()).toBe(NOT_COMPLIANT);
    });

    test("for a shipper on two legs at the same moment", async () => {
      await qualifyLane();
      await qualify(now - DAY, now + 10 * DAY);
      await assign(now);
      await assign(now, OTHER_JOURNEY);
      expect([await status(), await status(OTHER_JOURNEY)]).toEqual([NOT_COMPLIANT, NOT_COMPLIANT]);
    });

    test("for an assignment dated back to when the shipper was qualified", async () => {
      await qualifyLane();
      await qualify(now - 2 * DAY, now - DAY);
      await assign(now - 2 * DAY);
      await travel(now, now + 60);
      expect(await status()).toBe(NOT_COMPLIANT);
    });

    test("for a shipper that came only after the leg had begun", async () => {
      await qualifyLane();
      await qualify(now - DAY, now + 10 * DAY);
      await assign(now + testFlow.handoverToleranceSeconds + 1);
      await travel(now, now + DAY);
      expect(await status()).toBe(NOT_COMPLIANT);
    });

    test("for a qualification that ran out on the way", async () => {
      await qualifyLane();
      await qualify(now - DAY, now + 59);
      await assign(now);
      await travel(now, now + 60);
      expect(await status()).toBe(NOT_COMPLIANT);
    });
  });

  test("a leg may change its shipper; each is asked for its own part", async () => {
    await qualifyLane();
    await qualify(now - DAY, now + 100);
    await qualify(now - DAY, now + DAY, SPARE);
    await assign(now);
    await travel(now, now + 3600);
    expect(await status()).toBe(NOT_COMPLIANT);
    await assign(now + 100, JOURNEY, SPARE);
    expect(await status()).toBe(COMPLIANT);
    await expectRevert(assign(now + 100, JOURNEY, SPARE), "EquipmentRegistryAlreadyAssigned", [JOURNEY, INBOUND, SPARE, now + 100]);
    for (let more = 2; more < 8; more += 1) await assign(now + 100 + more, JOURNEY, SPARE);
    await expectRevert(assign(now + 999), "EquipmentRegistryTooManyShippers", [JOURNEY, INBOUND]);
  });

  describe("refuses", () => {
    test("what nobody may do who holds not the duty", async () => {
      const { equipment, accounts, actors } = threadline();
      const stranger = equipment.connect(accounts.outsider);
      const owner = actors.courier.participantId;
      await expectMissingRole(stranger.registerShipper(id("s"), owner, DOCUMENT), accounts.outsider.address, id("EQUIPMENT_REGISTRAR_ROLE"));
      await expectMissingRole(stranger.qualifyShipper(SHIPPER, 1, 2, CERTIFICATE), accounts.outsider.address, id("EQUIPMENT_REGISTRAR_ROLE"));
      await expectMissingRole(stranger.registerLane(id("l"), DOCUMENT), accounts.outsider.address, id("EQUIPMENT_REGISTRAR_ROLE"));
      await expectMissingRole(stranger.qualifyLane(LANE, 1, 2, CERTIFICATE), accounts.outsider.address, id("EQUIPMENT_REGISTRAR_ROLE"));
      await expectMissingRole(stranger.assignShipper(JOURNEY, INBOUND, SHIPPER, LANE, now), accounts.outsider.address, id("ORACLE_ROLE"));
    });

    test("a shipper or lane that exists, has no document, or no known owner", async () => {
      const owner = threadline().actors.courier.participantId;
      const nothing = `0x${"0".repeat(64)}`;
      await expectRevert(registrar().registerShipper(SHIPPER, owner, DOCUMENT), "EquipmentRegistryShipperExists", [SHIPPER]);
      await expectRevert(registrar().registerShipper(id("s"), owner, nothing), "EquipmentRegistryDocumentMissing", [id("s")]);
      await expectRevert(registrar().registerShipper(id("s"), id("nobody"), DOCUMENT), "EquipmentRegistryUnknownOwner", [id("nobody")]);
      await expectRevert(registrar().registerLane(LANE, DOCUMENT), "EquipmentRegistryLaneExists", [LANE]);
      await expectRevert(registrar().registerLane(id("l"), nothing), "EquipmentRegistryDocumentMissing", [id("l")]);
    });

    test("a qualification of what is not registered, or that ends before it starts", async () => {
      await expectRevert(registrar().qualifyShipper(id("s"), 1, 2, CERTIFICATE), "EquipmentRegistryUnknownShipper", [id("s")]);
      await expectRevert(registrar().qualifyLane(id("l"), 1, 2, CERTIFICATE), "EquipmentRegistryUnknownLane", [id("l")]);
      await expectRevert(qualify(2, 2), "EquipmentRegistryInvalidQualification", [2, 2]);
      await expectRevert(registrar().qualifyLane(LANE, 3, 2, CERTIFICATE), "EquipmentRegistryInvalidQualification", [3, 2]);
    });

    test("a leg or a journey that does not exist", async () => {
      await expectRevert(assign(now, JOURNEY, SHIPPER, 1), "EquipmentRegistryUnknownLeg", [JOURNEY, 1]);
      await expectRevert(assign(now, id("nowhere")), "CustodyLedgerUnknownJourney", [id("nowhere")]);
    });
  });
});
