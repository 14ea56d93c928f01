import { AbiCoder, ZeroAddress, id, keccak256 } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { custodyExceptionKey } from "../../../services/model/custody/commitments.ts";
import { EXCEPTION_CATALOGUE, EXCEPTION_CLASSES } from "../../../services/model/custody/exceptions.ts";
import type { ExceptionCode } from "../../../services/model/custody/exceptions.ts";
import { bytes32ToCode, codeToBytes32 } from "../../../services/model/custody/identifiers.ts";
import { CLOCK_SKEW_TOLERANCE_SECONDS } from "../../../services/model/custody/rules.ts";
import { HOUR, STEP, testFlow } from "../support/flow.ts";
import type { Threadline } from "../support/threadline.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
type Actor = keyof Threadline["actors"];
type Fact = [actor: Actor, step: number, occurredAt: number];

describe("CustodyRules", () => {
  let start = 0;
  let sequence = 0;
  const threadline = useThreadline({}, async (fresh) => {
    await fresh.ledger.openJourney(JOURNEY, 1, id("identity"));
    start = await fresh.now();
  });
  beforeEach(() => {
    sequence = 0;
  });

  /** Records one fact in a block of this time (the fact's own unless told) and gives the codes it raised. */
  async function record([actor, step, occurredAt]: Fact, recordedAt = occurredAt): Promise<ExceptionCode[]> {
    const { ledger, exceptions, signFact, actors, provider } = threadline();
    const before = Number(await exceptions.count(JOURNEY));
    const event = await signFact(actors[actor].wallet, { journeyId: JOURNEY, sequence, step, occurredAt });
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [recordedAt] });
    await ledger.record([event]);
    sequence += 1;
    return codesFrom(before);
  }

  async function codesFrom(first: number): Promise<ExceptionCode[]> {
    const { exceptions } = threadline();
    const count = Number(await exceptions.count(JOURNEY));
    const records = await Promise.all(
      Array.from({ length: count - first }, (_, index) => exceptions.exceptionAt(JOURNEY, first + index)),
    );
    return records.map((record) => bytes32ToCode(record.code) as ExceptionCode);
  }

  const route = (): Fact[] => [
    ["clinic", STEP.collect, start + 10],
    ["clinic", STEP.handOver, start + 20],
    ["courier", STEP.pickUp, start + 30],
    ["courier", STEP.deliver, start + 40],
    ["factory", STEP.receive, start + 50],
  ];
  const walk = async (steps: number) => {
    for (const fact of route().slice(0, steps)) expect(await record(fact)).toEqual([]);
  };

  test("a journey as planned raises nothing", async () => {
    await walk(5);
    expect(await threadline().exceptions.openHolding(JOURNEY)).toBe(0n);
    expect((await threadline().ledger.journey(JOURNEY)).custodian).toBe(3n);
  });

  test("0: a step that is not in the flow is recorded out of order, and moves nothing", async () => {
    const { ledger } = threadline();
    for (const step of [7, 63, 64, 255]) expect(await record(["courier", step, start + 100 + step])).toEqual(["step-out-of-order"]);
    expect([...(await ledger.journey(JOURNEY))].slice(1)).toEqual([4n, 0n, 0n, 0n, false, 0n]);
  });

  test("0: such a step can be late too", async () => {
    expect(await record(["courier", 9, start], start + 12 * HOUR + 1)).toEqual(["step-out-of-order", "late-entry"]);
  });

  test("1: an actor without a duty for the step", async () => {
    expect(await record(["courier", STEP.collect, start + 10])).toEqual(["actor-not-authorised"]);
  });

  test("2: a prerequisite that is missing", async () => {
    await walk(1);
    expect(await record(["courier", STEP.deliver, start + 20])).toEqual(["step-out-of-order", "custody-gap"]);
  });

  test("2: a step that may not be repeated", async () => {
    await walk(2);
    expect(await record(["courier", STEP.observe, start + 30])).toEqual([]);
    expect(await record(["courier", STEP.observe, start + 40])).toEqual([]);
    expect(await record(["clinic", STEP.handOver, start + 50])).toEqual(["step-out-of-order", "custody-gap"]);
  });

  test("2: a gate that is not released", async () => {
    await walk(5);
    expect(await record(["factory", STEP.manufacture, start + 60])).toEqual(["step-out-of-order"]);
  });

  test("2: a time before the step it is limited since", async () => {
    await walk(3);
    expect(await record(["courier", STEP.deliver, start + 19], start + 40)).toEqual(["step-out-of-order"]);
  });

  test.each([
    [40 * HOUR, []],
    [40 * HOUR + 1, ["time-limit-exceeded"]],
    [48 * HOUR + 11, ["time-limit-exceeded"]], // past both limits, raised once
  ])("3: %i seconds after the hand-over", async (seconds, codes) => {
    await walk(3);
    expect(await record(["courier", STEP.deliver, start + 20 + seconds])).toEqual(codes);
  });

  test("3: no limit before its anchor", async () => {
    expect(await record(["courier", STEP.deliver, start + 100 * HOUR])).toEqual(["step-out-of-order", "custody-gap"]);
  });

  test("4: taking what another has", async () => {
    await walk(1);
    expect(await record(["courier", STEP.collect, start + 20])).toEqual(["actor-not-authorised", "step-out-of-order", "custody-gap"]);
    expect((await threadline().ledger.journey(JOURNEY)).custodian).toBe(2n);
  });

  test("4: holding what another has", async () => {
    await walk(3);
    expect(await record(["factory", STEP.manufacture, start + 40])).toEqual(["step-out-of-order", "custody-gap"]);
  });

  test("4: releasing twice, and what another has", async () => {
    await walk(4);
    expect(await record(["courier", STEP.deliver, start + 41])).toEqual(["step-out-of-order", "custody-gap"]);
    expect(await record(["clinic", STEP.handOver, start + 42])).toEqual(["step-out-of-order", "custody-gap"]);
  });

  test("4: accepting what nobody released", async () => {
    expect(await record(["courier", STEP.pickUp, start + 10])).toEqual(["step-out-of-order", "custody-gap"]);
    expect((await threadline().ledger.journey(JOURNEY)).custodian).toBe(2n);
  });

  test.each([
    [-1, ["custody-gap"]],
    [0, []],
    [2 * HOUR, []],
    [2 * HOUR + 1, ["custody-gap"]],
  ])("4: accepted %i seconds after the release", async (seconds, codes) => {
    await walk(2);
    expect(await record(["courier", STEP.pickUp, start + 20 + seconds], start + 3 * HOUR)).toEqual(codes);
    expect([...(await threadline().ledger.journey(JOURNEY))].slice(2, 6)).toEqual([2n, 7n, BigInt(start + 20), false]);
  });

  test.each([
    [12 * HOUR, []],
    [12 * HOUR + 1, ["late-entry"]],
    [-CLOCK_SKEW_TOLERANCE_SECONDS, []],
    [-CLOCK_SKEW_TOLERANCE_SECONDS - 1, ["clock-skew"]],
  ])("5: recorded %i seconds after the fact", async (seconds, codes) => {
    const occurredAt = start + HOUR;
    expect(await record(["clinic", STEP.collect, occurredAt], occurredAt + seconds)).toEqual(codes);
  });

  test("times at the end of their range overflow nothing", async () => {
    const last = 2 ** 40 - 1;
    expect(await record(["clinic", STEP.handOver, last], start + 1000)).toEqual(["step-out-of-order", "custody-gap", "clock-skew"]);
    expect(await record(["courier", STEP.pickUp, last], start + 1001)).toEqual(["clock-skew"]);
    expect(await record(["courier", STEP.deliver, last], start + 1002)).toEqual(["clock-skew"]);
  });

  test("all at once, each once, in the order of the rules", async () => {
    await walk(5);
    expect(await record(["authority", STEP.deliver, start + 60 * HOUR], start + 90 * HOUR)).toEqual([
      "actor-not-authorised",
      "step-out-of-order",
      "time-limit-exceeded",
      "custody-gap",
      "late-entry",
    ]);
  });

  test("an exception says which event, in the terms of the TypeScript twin", async () => {
    const { exceptions } = threadline();
    const commitment = id(`${JOURNEY}/0`);
    const occurredAt = start + 10;
    const recordedAt = occurredAt + 12 * HOUR + 1;
    const codes = await record(["courier", STEP.pickUp, occurredAt], recordedAt);
    expect(codes).toEqual(["step-out-of-order", "custody-gap", "late-entry"]);
    const raised = await exceptions.queryFilter(exceptions.filters.ExceptionRaised(JOURNEY));
    for (const [number, code] of codes.entries()) {
      const detail = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [commitment, codeToBytes32(code)]));
      const exceptionClass = BigInt(EXCEPTION_CLASSES.indexOf(EXCEPTION_CATALOGUE[code].class));
      const dueAt = BigInt(recordedAt + EXCEPTION_CATALOGUE[code].reactWithinSeconds);
      expect([...(await exceptions.exceptionAt(JOURNEY, number))]).toEqual([
        codeToBytes32(code), exceptionClass, 0n, 0n, 0n, BigInt(occurredAt), BigInt(recordedAt), dueAt, ZeroAddress, detail,
      ]);
      expect(raised[number]?.args.exceptionKey).toBe(custodyExceptionKey(JOURNEY, 0, codeToBytes32(code)));
    }
  });

  test("the test flow has the tolerances these tests assume", () => {
    expect([testFlow.lateEntryToleranceSeconds, testFlow.handoverToleranceSeconds]).toEqual([12 * HOUR, 2 * HOUR]);
  });
});
