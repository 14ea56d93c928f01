import { bn254 } from "@noble/curves/bn254.js";
import { id } from "ethers";
import { describe, expect, test } from "vitest";
import { createDeviceSigningKey } from "../../../services/model/condition/index.ts";
import { DEVICE, INBOUND, JOURNEY, UNIT_SECONDS, walkTo } from "../support/compliance.ts";
import { testFlow } from "../support/flow.ts";
import { expectRevert } from "../support/revert.ts";
import { logger, proveSegments } from "../support/proven-segments.ts";
import type { SubmittedSegment } from "../support/proven-segments.ts";
import { openThreadline } from "../support/threadline.ts";
import type { Threadline } from "../support/threadline.ts";
import { PREPARE_TIMEOUT, useThreadline } from "../support/use-threadline.ts";

const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const OTHER_JOURNEY = id("journey 2");
const OTHER_DEVICE = id("logger 2");
const READINGS = 20;

/** `testFlow` with a second leg like the first, so that only the leg's number tells their proofs apart. */
const twoLegs = { ...testFlow, legs: [...testFlow.legs, ...testFlow.legs.map((leg) => ({ ...leg, leg: "second" }))] };

/** Two journeys on the same flow, the logger of the proofs on the first, and from `start` on calibrated. */
async function prepare(threadline: Threadline, start: number): Promise<void> {
  const { ledger, devices, proofs, actors } = threadline;
  const owner = actors.courier.participantId;
  await devices.enrol(DEVICE, owner, ...logger.publicKey, id("message key"), 0);
  await devices.recordCalibration(DEVICE, start - 86_400, start + 86_400 * 30);
  for (const journeyId of [JOURNEY, OTHER_JOURNEY]) {
    await ledger.openJourney(journeyId, 1, id("identity"));
    await proofs.assignDevice(journeyId, INBOUND, DEVICE, start);
  }
}

describe("ConditionProofs with real proofs", () => {
  let start = 0;
  let segments: SubmittedSegment[] = [];
  const threadline = useThreadline({ verifier: "dev", flow: twoLegs }, async (fresh) => {
    const present = await fresh.now();
    start = present - (present % UNIT_SECONDS);
    await prepare(fresh, start);
    const { chainId, addresses } = fresh;
    segments = await proveSegments({ chainId, conditionProofs: addresses.conditionProofs, journeyId: JOURNEY, leg: INBOUND, start, readings: READINGS, count: 2 });
  });
  const part = (index: number) => {
    const segment = segments[index];
    if (segment === undefined) throw new Error(`segment ${index} was not proven`);
    return segment;
  };
  const submit = (list: SubmittedSegment[], journeyId = JOURNEY) => threadline().proofs.submitSegments(journeyId, INBOUND, list);
  const notProven = (segment: SubmittedSegment, journeyId = JOURNEY) =>
    expectRevert(submit([segment], journeyId), "ConditionProofsNotProven", [journeyId, INBOUND, segment.from, segment.to]);

  test("accepts a chain of them, and the leg is compliant", async () => {
    const { proofs } = threadline();
    await submit([part(0)]);
    await submit([part(1)]);
    const covered = await proofs.coverage(JOURNEY, INBOUND);
    expect([covered.from, covered.to, covered.segments, covered.state]).toEqual([
      BigInt(start),
      BigInt(part(1).to),
      2n,
      part(1).stateAfter,
    ]);
    await walkTo(threadline(), "receive", { legStart: start + 30, legEnd: part(1).to });
    expect(await proofs.legStatus(JOURNEY, INBOUND)).toBe(1n);
  });

  test("a proof made anew from the same one is the same statement and counts once", async () => {
    const factor = 123_456_789n;
    const inverse = bn254.fields.Fr.inv(factor);
    const { proofA, proofB } = part(0);
    const a = bn254.G1.Point.fromAffine({ x: proofA[0], y: proofA[1] }).multiply(factor).toAffine();
    const b = bn254.G2.Point.fromAffine({ x: { c0: proofB[0][1], c1: proofB[0][0] }, y: { c0: proofB[1][1], c1: proofB[1][0] } })
      .multiply(inverse)
      .toAffine();
    const again: SubmittedSegment = { ...part(0), proofA: [a.x, a.y], proofB: [[b.x.c1, b.x.c0], [b.y.c1, b.y.c0]] };
    await submit([again]);
    for (const segment of [part(0), again]) {
      await expectRevert(submit([segment]), "ConditionProofsDoesNotContinue", [JOURNEY, INBOUND, segment.to, segment.from]);
    }
  });

  test("refuses a dropped first segment", async () => {
    await notProven(part(1));
  });

  test("refuses segments in the wrong order", async () => {
    await submit([part(0)]);
    await expectRevert(submit([part(0), part(1)]), "ConditionProofsDoesNotContinue", [JOURNEY, INBOUND, part(0).to, part(0).from]);
  });

  test("refuses the proof in another journey", async () => {
    await notProven(part(0), OTHER_JOURNEY);
  });

  test("refuses the proof in another leg", async () => {
    const { proofs } = threadline();
    await proofs.assignDevice(JOURNEY, 1, DEVICE, start);
    const { from, to } = part(0);
    await expectRevert(proofs.submitSegments(JOURNEY, 1, [part(0)]), "ConditionProofsNotProven", [JOURNEY, 1, from, to]);
  });

  test("refuses the proof under another device's key", async () => {
    const { devices, ledger, proofs, actors } = threadline();
    const [x, y] = createDeviceSigningKey(new Uint8Array(32).fill(8)).publicKey;
    await devices.enrol(OTHER_DEVICE, actors.courier.participantId, x, y, id("message key"), 0);
    await devices.recordCalibration(OTHER_DEVICE, start - 10, start + 86_400);
    await ledger.openJourney(id("journey 3"), 1, id("identity"));
    await proofs.assignDevice(id("journey 3"), INBOUND, OTHER_DEVICE, start);
    await notProven(part(0), id("journey 3"));
  });

  test.each<[string, (segment: SubmittedSegment) => Partial<SubmittedSegment>]>([
    ["the start", ({ from }) => ({ from: from + UNIT_SECONDS })],
    ["the end", ({ to }) => ({ to: to + UNIT_SECONDS })],
    ["the state after", ({ stateAfter }) => ({ stateAfter: stateAfter + 1n })],
    ["the readings commitment", ({ readingsCommitment }) => ({ readingsCommitment: readingsCommitment - 1n })],
    ["A", () => ({ proofA: [1n, 2n] })],
    ["A, to a point off the curve", ({ proofA }) => ({ proofA: [proofA[0], proofA[1] + 1n] })],
    ["A, to zero", () => ({ proofA: [0n, 0n] })],
    ["B, its parts swapped", ({ proofB: [x, y] }) => ({ proofB: [[x[1], x[0]], [y[1], y[0]]] })],
    ["C", ({ proofA }) => ({ proofC: proofA })],
  ])("refuses a changed value: %s", async (_name, change) => {
    await notProven({ ...part(0), ...change(part(0)) });
  });

  test("refuses public signals that are the right ones plus the field size", async () => {
    const { stateAfter, readingsCommitment } = part(0);
    await expectRevert(submit([{ ...part(0), stateAfter: stateAfter + FIELD }]), "ConditionProofsSignalOutOfField", [stateAfter + FIELD]);
    await expectRevert(submit([{ ...part(0), readingsCommitment: readingsCommitment + FIELD }]), "ConditionProofsSignalOutOfField", [
      readingsCommitment + FIELD,
    ]);
  });

  test("short of gas a valid proof is never a verdict: it reverts, and is accepted later", async () => {
    const { proofs, accounts } = threadline();
    const data = proofs.interface.encodeFunctionData("submitSegments", [JOURNEY, INBOUND, [part(0)]]);
    const call = { from: accounts.oracle.address, to: await proofs.getAddress(), data };
    const succeeds = async (gasLimit: number) => {
      try {
        await accounts.oracle.call({ ...call, gasLimit });
        return true;
      } catch {
        return false;
      }
    };
    const outcomes: boolean[] = [];
    for (let gas = 40_000; gas <= 600_000; gas += 8_000) outcomes.push(await succeeds(gas));
    // Enough is enough for good: there is one threshold, below it nothing, above it the right verdict.
    const threshold = outcomes.indexOf(true);
    expect(threshold).toBeGreaterThan(0);
    expect(outcomes).toEqual(outcomes.map((_, index) => index >= threshold));

    const before = [...(await proofs.coverage(JOURNEY, INBOUND))];
    for (let gas = 40_000 + 8_000 * (threshold - 1); gas > 60_000; gas -= 40_000) {
      await expect(proofs.submitSegments(JOURNEY, INBOUND, [part(0)], { gasLimit: gas })).rejects.toThrow();
      expect([...(await proofs.coverage(JOURNEY, INBOUND))]).toEqual(before);
    }
    await submit([part(0)]);
    expect((await proofs.coverage(JOURNEY, INBOUND)).segments).toBe(1n);
  });

  test("refuses the proof in another contract and on another chain", async () => {
    for (const chainId of [31_337, 31_338]) {
      const other = await openThreadline({ verifier: "dev", flow: twoLegs, chainId, transactionsBefore: chainId === 31_337 ? 1 : 0 });
      await prepare(other, start);
      const sameAddress = other.addresses.conditionProofs === threadline().addresses.conditionProofs;
      expect(sameAddress).toBe(chainId === 31_338);
      await expectRevert(other.proofs.submitSegments(JOURNEY, INBOUND, [part(0)]), "ConditionProofsNotProven", [JOURNEY, INBOUND, part(0).from, part(0).to]);
      await other.close();
    }
  });

  test("bounds come from the registered flow: a proof for wider ones is refused", { timeout: PREPARE_TIMEOUT }, async () => {
    const { chainId, addresses } = threadline();
    const wide = { name: "wide", minimumTemperatureCelsius: -20, maximumTemperatureCelsius: 40, temperatureBudgetSeconds: 600, tiltLimitDegrees: 45, tiltBudgetSeconds: 300, longestGapSeconds: 600, longestDurationSeconds: 172_800 };
    const [segment] = await proveSegments({ chainId, conditionProofs: addresses.conditionProofs, journeyId: JOURNEY, leg: INBOUND, start, readings: 3, count: 1, profile: wide });
    if (segment === undefined) throw new Error("nothing was proven");
    await notProven(segment);
  });
});
