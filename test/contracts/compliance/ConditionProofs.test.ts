import { ContractFactory, ZeroAddress, id } from "ethers";
import { poseidon2 } from "poseidon-lite";
import { describe, expect, test } from "vitest";
import { segmentContext } from "../../../services/model/condition/context.ts";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";
import { DEVICE, GAP_SECONDS, INBOUND, JOURNEY, UNIT_SECONDS, openCompliance, unproven, walkTo } from "../support/compliance.ts";
import { eventsOf } from "../support/events.ts";
import { HOUR } from "../support/flow.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const PENDING = 0n;
const COMPLIANT = 1n;
const NOT_COMPLIANT = 2n;

describe("ConditionProofs", () => {
  let start = 0;
  const threadline = useThreadline({ verifier: "yes" }, async (fresh) => {
    start = await openCompliance(fresh);
  });
  const assign = (assignedFrom = start) => threadline().proofs.assignDevice(JOURNEY, INBOUND, DEVICE, assignedFrom);
  const submit = (...segments: ReturnType<typeof unproven>[]) => threadline().proofs.submitSegments(JOURNEY, INBOUND, segments as never);
  const status = () => threadline().proofs.legStatus(JOURNEY, INBOUND);

  describe("devices", () => {
    test("assigns one device to a leg, from a time on", async () => {
      const { proofs } = threadline();
      expect(await eventsOf(proofs, assign())).toEqual([["DeviceAssigned", JOURNEY, 0n, DEVICE, BigInt(start)]]);
      const genesis = await proofs.GENESIS_STATE();
      expect(genesis).toBe(poseidon2([0n, 0n]));
      expect([...(await proofs.coverage(JOURNEY, INBOUND))]).toEqual([DEVICE, BigInt(start), 0n, 0n, 0n, 0n, 0n, genesis]);
      await expectRevert(assign(), "ConditionProofsDeviceAlreadyAssigned", [JOURNEY, INBOUND, DEVICE]);
    });

    test("refuses a leg, a device and a journey it does not know", async () => {
      const { proofs } = threadline();
      await expectRevert(proofs.assignDevice(JOURNEY, 1, DEVICE, start), "ConditionProofsUnknownLeg", [JOURNEY, 1]);
      await expectRevert(proofs.legStatus(JOURNEY, 1), "ConditionProofsUnknownLeg", [JOURNEY, 1]);
      await expectRevert(proofs.assignDevice(JOURNEY, 0, id("ghost"), start), "ConditionProofsUnknownDevice", [id("ghost")]);
      await expectRevert(proofs.assignDevice(id("ghost"), 0, DEVICE, start), "CustodyLedgerUnknownJourney", [id("ghost")]);
      await expectRevert(proofs.legStatus(id("ghost"), 0), "CustodyLedgerUnknownJourney", [id("ghost")]);
    });

    test("refuses segments of a leg without a device", async () => {
      await expectRevert(submit(unproven({ from: start, to: start + 3 })), "ConditionProofsNoDevice", [JOURNEY, INBOUND]);
    });

    test("the device must be calibrated and not revoked over the whole segment", async () => {
      const { devices } = threadline();
      const segment = unproven({ from: start, to: start + 300 });
      const notFit = ["ConditionProofsDeviceNotFit", [DEVICE, start, start + 300]] as const;
      await assign();
      await devices.revoke(DEVICE, start + 300);
      await expectRevert(submit(segment), ...notFit);
      await submit(unproven({ from: start, to: start + 297 }));
      const beyond = start + 30 * 86_400 + UNIT_SECONDS;
      await expectRevert(submit(unproven({ from: start + 297, to: beyond })), "ConditionProofsDeviceNotFit", [DEVICE, start + 297, beyond]);
    });
  });

  describe("segments", () => {
    test("add up to coverage, each continuing the one before", async () => {
      const { proofs } = threadline();
      await assign();
      const genesis = await proofs.GENESIS_STATE();
      const first = unproven({ from: start, to: start + 300, stateAfter: 70n, readingsCommitment: 71n });
      const second = unproven({ from: start + 300, to: start + 600, stateAfter: 80n, readingsCommitment: 81n });
      expect(await eventsOf(proofs, submit(first, second))).toEqual([
        ["SegmentProven", JOURNEY, 0n, 0n, BigInt(start), BigInt(start + 300), genesis, 70n, 71n],
        ["SegmentProven", JOURNEY, 0n, 1n, BigInt(start + 300), BigInt(start + 600), 70n, 80n, 81n],
      ]);
      expect([...(await proofs.coverage(JOURNEY, INBOUND))]).toEqual([
        DEVICE, BigInt(start), BigInt(start), BigInt(start + 600), 2n, 0n, 0n, 80n,
      ]);
    });

    test("refuses a segment that leaves a gap, goes back or comes again", async () => {
      await assign();
      await submit(unproven({ from: start, to: start + 300 }));
      for (const from of [start + 303, start + 297, start]) {
        await expectRevert(submit(unproven({ from, to: from + 300 })), "ConditionProofsDoesNotContinue", [
          JOURNEY, INBOUND, start + 300, from,
        ]);
      }
    });

    test.each([
      ["starts before the device was assigned", -3, 300],
      ["ends before it starts", 300, 297],
      ["starts off the time unit", 1, 300],
      ["ends off the time unit", 0, 301],
    ])("refuses a segment that %s", async (_name, from, to) => {
      await assign();
      const interval = { from: start + from, to: start + to };
      await expectRevert(submit(unproven(interval)), "ConditionProofsInvalidInterval", [interval.from, interval.to]);
    });

    test("rounds the time of assignment down to a tick, as a device rounds its readings", async () => {
      await assign(start + 2);
      await submit(unproven({ from: start, to: start }));
      expect((await threadline().proofs.coverage(JOURNEY, INBOUND)).segments).toBe(1n);
    });

    test("refuses times beyond the circuit's ticks", async () => {
      await assign();
      const to = UNIT_SECONDS * 2 ** 32;
      await expectRevert(submit(unproven({ from: start, to })), "ConditionProofsInvalidInterval", [start, to]);
    });

    test.each([FIELD, FIELD + 1n, 2n ** 256n - 1n])("refuses %i as a public signal", async (signal) => {
      await assign();
      const interval = { from: start, to: start + 3 };
      const error = ["ConditionProofsSignalOutOfField", [signal]] as const;
      await expectRevert(submit(unproven({ ...interval, stateAfter: signal })), ...error);
      await expectRevert(submit(unproven({ ...interval, readingsCommitment: signal })), ...error);
    });

    test("one bad segment leaves nothing of its batch", async () => {
      const { proofs } = threadline();
      await assign();
      const good = unproven({ from: start, to: start + 300 });
      await expectRevert(submit(good, good), "ConditionProofsDoesNotContinue", [JOURNEY, INBOUND, start + 300, start]);
      expect((await proofs.coverage(JOURNEY, INBOUND)).segments).toBe(0n);
    });
  });

  describe("the status of a leg", () => {
    test("is pending until it is covered from hand-over to hand-over, then compliant", async () => {
      expect(await status()).toBe(PENDING);
      await assign();
      await submit(unproven({ from: start, to: start + 3000 }));
      expect(await status()).toBe(PENDING);
      await walkTo(threadline(), "receive", { legStart: start + 30, legEnd: start + 6000 });
      expect(await status()).toBe(PENDING);
      await submit(unproven({ from: start + 3000, to: start + 6000 - GAP_SECONDS - UNIT_SECONDS }));
      expect(await status()).toBe(PENDING);
      await submit(unproven({ from: start + 6000 - GAP_SECONDS - UNIT_SECONDS, to: start + 6000 - GAP_SECONDS }));
      expect(await status()).toBe(COMPLIANT);
    });

    test("is pending without any segment, however long it lasts", async () => {
      await assign();
      await walkTo(threadline(), "receive", { legStart: start + 30, legEnd: start + HOUR });
      expect(await status()).toBe(PENDING);
    });

    test.each([
      [GAP_SECONDS, COMPLIANT],
      [GAP_SECONDS + UNIT_SECONDS, NOT_COMPLIANT],
    ])("measured from %i seconds after the start", async (delay, expected) => {
      const legStart = start + 30;
      await assign();
      await submit(unproven({ from: legStart + delay, to: legStart + 2 * HOUR }));
      await walkTo(threadline(), "receive", { legStart, legEnd: legStart + 2 * HOUR });
      expect(await status()).toBe(expected);
    });

    test("is not compliant as soon as it is known to be measured too late", async () => {
      const legStart = start + 30;
      await assign();
      await submit(unproven({ from: legStart + 900, to: legStart + HOUR }));
      await walkTo(threadline(), "handOver", { legStart });
      expect(await status()).toBe(NOT_COMPLIANT);
    });

    test.each([
      [48 * HOUR, COMPLIANT],
      [48 * HOUR + 1, NOT_COMPLIANT],
    ])("that lasted %i seconds", async (seconds, expected) => {
      const legStart = start + 30;
      await assign();
      await submit(unproven({ from: start, to: start + 72 * HOUR }));
      await walkTo(threadline(), "receive", { legStart, legEnd: legStart + seconds });
      expect(await status()).toBe(expected);
    });

    test("is not compliant when it ended before it began", async () => {
      const { ledger, signFact, actors } = threadline();
      await assign();
      await submit(unproven({ from: start, to: start + HOUR }));
      await walkTo(threadline(), "deliver", { legStart: start + 30, legEnd: start + 60 });
      const event = await signFact(actors.factory.wallet, { journeyId: JOURNEY, sequence: 4, step: 4, occurredAt: start + 29 });
      await ledger.record([event]);
      expect(await status()).toBe(NOT_COMPLIANT);
    });
  });

  test("the context is that of the TypeScript twin and below the field size", async () => {
    const { proofs, addresses, chainId } = threadline();
    for (const leg of [0, 1, 255]) {
      const context = await proofs.context(JOURNEY, leg);
      expect(context).toBe(segmentContext({ chainId, contract: addresses.conditionProofs, journeyId: JOURNEY, leg }));
      expect(context < FIELD).toBe(true);
    }
  });

  test("only the oracle assigns and submits", async () => {
    const { proofs, accounts } = threadline();
    for (const caller of [accounts.outsider, accounts.admin, accounts.registrar]) {
      const as = proofs.connect(caller);
      await expectMissingRole(as.assignDevice(JOURNEY, 0, DEVICE, start), caller.address, id("ORACLE_ROLE"));
      await expectMissingRole(as.submitSegments(JOURNEY, 0, []), caller.address, id("ORACLE_ROLE"));
    }
  });

  test("refuses at deployment a verifier without code", async () => {
    const { addresses, accounts } = threadline();
    const { abi, bytecode } = readArtifact("ConditionProofs");
    const factory = new ContractFactory(abi, bytecode, accounts.deployer);
    const { deviceRegistry, flowRegistry, custodyLedger, exceptionRegister, participantRegistry } = addresses;
    const { address } = accounts.admin;
    for (const verifier of [ZeroAddress, accounts.outsider.address]) {
      await expectRevert(
        factory.deploy(deviceRegistry, flowRegistry, custodyLedger, exceptionRegister, participantRegistry, verifier, 0, address, address),
        "ConditionProofsVerifierWithoutCode",
        [verifier],
      );
    }
  });
});

describe("ConditionProofs, when the verifier says no", () => {
  let start = 0;
  const threadline = useThreadline({ verifier: "no" }, async (fresh) => {
    start = await openCompliance(fresh);
    await fresh.proofs.assignDevice(JOURNEY, INBOUND, DEVICE, start);
  });

  test("reverts and keeps no verdict", async () => {
    const { proofs } = threadline();
    const before = [...(await proofs.coverage(JOURNEY, INBOUND))];
    await expectRevert(
      proofs.submitSegments(JOURNEY, INBOUND, [unproven({ from: start, to: start + 3 })] as never),
      "ConditionProofsNotProven",
      [JOURNEY, INBOUND, start, start + 3],
    );
    expect([...(await proofs.coverage(JOURNEY, INBOUND))]).toEqual(before);
  });
});
