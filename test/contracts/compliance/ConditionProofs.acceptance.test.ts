import { ZeroAddress, encodeBytes32String, id } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { INTERVAL_ACCEPTANCE_TYPES } from "../../../services/model/custody/disposition-typed-data.ts";
import { threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { DEVICE, GAP_SECONDS, INBOUND, JOURNEY, UNIT_SECONDS, openCompliance, unproven, walkTo } from "../support/compliance.ts";
import { eventsOf } from "../support/events.ts";
import { openQuality, wayTo } from "../support/quality.ts";
import type { Quality, QualityPerson } from "../support/quality.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { useThreadline } from "../support/use-threadline.ts";

const GENESIS = 14744269619966411208579211824598458697587494354926760081771325075741142829156n;
const LEG_STATUS = { pending: 0n, compliant: 1n, notCompliant: 2n, accepted: 3n };
const QUALIFIED_PERSON = 16;

/** The leg takes an hour; its first 20 min and its last 20 min are proven, what is between is not. */
describe("accepting an interval without proof", () => {
  let quality: Quality;
  let start = 0;
  const threadline = useThreadline({ verifier: "yes" }, async (fresh) => {
    start = await openCompliance(fresh);
    quality = await openQuality(fresh);
    await fresh.proofs.assignDevice(JOURNEY, INBOUND, DEVICE, start);
    await walkTo(fresh, "receive", { legStart: start + 30, legEnd: start + 3600 });
    await fresh.proofs.submitSegments(JOURNEY, INBOUND, [unproven({ from: start, to: start + 1200 })] as never);
    await raise("excursion", { occurredAt: start + 1500 });
    await approve(0, "accepted");
  });
  const from = () => start + 1200;
  const to = () => start + 2400;

  async function raise(key: string, { leg = INBOUND + 1, occurredAt = start + 1500, journeyId = JOURNEY } = {}) {
    return threadline().exceptions.raise(id(key), journeyId, encodeBytes32String("temperature-excursion"), leg, occurredAt, id("detail"));
  }
  async function approve(number: number, outcome: "accepted" | "resolved", journeyId = JOURNEY) {
    for (const [stage, person] of wayTo(outcome)) await quality.advance({ journeyId, number, to: stage, person });
  }
  interface Values { journeyId?: string; leg?: number; from?: number; to?: number; exceptionNumber?: number; signedAt?: number }
  async function sign(values: Values = {}, person: QualityPerson = "quality", change: object = {}) {
    const { chainId, addresses, now } = threadline();
    const value = { journeyId: JOURNEY, leg: INBOUND, from: from(), to: to(), exceptionNumber: 0, signedAt: await now(), ...values };
    const domain = { ...threadlineDomain(chainId, addresses.conditionProofs), ...change };
    const signature = await quality.people[person].wallet.signTypedData(domain, INTERVAL_ACCEPTANCE_TYPES, value);
    return [value.journeyId, value.leg, value.to, value.exceptionNumber, value.signedAt, signature] as const;
  }
  const accept = async (...args: Parameters<typeof sign>) => threadline().proofs.acceptInterval(...(await sign(...args)));
  const legStatus = () => threadline().proofs.legStatus(JOURNEY, INBOUND);
  const submit = (segmentFrom: number, segmentTo: number) =>
    threadline().proofs.submitSegments(JOURNEY, INBOUND, [unproven({ from: segmentFrom, to: segmentTo })] as never);

  test("moves coverage on, and the leg is accepted when all that follows is proven", async () => {
    const { proofs, actors } = threadline();
    const acceptance = await sign();
    expect(await eventsOf(proofs, proofs.acceptInterval(...acceptance))).toEqual([
      ["IntervalAccepted", JOURNEY, 0n, 0n, BigInt(from()), BigInt(to()), 0n, 4n, actors.quality.wallet.address, BigInt(acceptance[4]), acceptance[5]],
    ]);
    const { segments, acceptances, acceptedSeconds, state, to: end } = await proofs.coverage(JOURNEY, INBOUND);
    expect([segments, acceptances, acceptedSeconds, state, end]).toEqual([1n, 1n, 1200n, GENESIS, BigInt(to())]);
    expect(await legStatus()).toBe(LEG_STATUS.pending);
    await submit(to(), start + 3600);
    expect(await legStatus()).toBe(LEG_STATUS.accepted);
    expect((await threadline().releases.checks(JOURNEY, 0)).map(({ kind, status }) => [kind, status])).toContainEqual([1n, 3n]);
    expect(await threadline().releases.isReleasable(JOURNEY, 0)).toBe(true);
  });

  test("what follows must be proven from the interval's end, from fresh totals", async () => {
    await accept();
    await expectRevert(submit(to() + 30, start + 3600), "ConditionProofsDoesNotContinue", [JOURNEY, INBOUND, to(), to() + 30]);
    await expectRevert(submit(from(), start + 3600), "ConditionProofsDoesNotContinue", [JOURNEY, INBOUND, to(), from()]);
  });

  test("a leg nothing was measured on can be accepted from its start to its end", async () => {
    const fresh = threadline();
    const journeyId = id("journey without readings");
    await fresh.ledger.openJourney(journeyId, 1, id("identity"));
    await fresh.proofs.assignDevice(journeyId, INBOUND, DEVICE, start);
    await raise("gap", { journeyId, occurredAt: start + 60 });
    await approve(0, "accepted", journeyId);
    await expectRevert(accept({ journeyId, from: 0 }), "ConditionProofsNotAcceptable", [journeyId, INBOUND, 0, to()]);
    for (const [sequence, [actor, step, at]] of ([["clinic", 0, 0], ["clinic", 1, 31], ["courier", 2, 40], ["courier", 3, 1190], ["factory", 4, 1200]] as const).entries())
      await fresh.ledger.record([await fresh.signFact(fresh.actors[actor].wallet, { journeyId, sequence, step, occurredAt: start + at })]);
    expect(await fresh.proofs.coveredUntil(journeyId, INBOUND)).toBe(BigInt(start + 30));
    await accept({ journeyId, from: start + 30, to: start + 1200 });
    expect(await fresh.proofs.legStatus(journeyId, INBOUND)).toBe(LEG_STATUS.accepted);
  });

  describe("attacks", () => {
    const uncovered = (end: number, exceptionNumber: number, at = from()) =>
      ["ConditionProofsExceptionDoesNotCover", [JOURNEY, INBOUND, exceptionNumber, at, end]] as const;

    test.each(["assurance", "clinic", "courier", "factory", "authority"] as const)("the %s accepts nothing", async (person) => {
      const { address } = quality.people[person].wallet;
      const { roles } = await threadline().participants.activeSigner(address);
      await expectRevert(accept({}, person), "ConditionProofsNotAuthorised", [address, roles, QUALIFIED_PERSON]);
    });

    test("an exception that was resolved, is only proposed, concerns another leg or none, or occurred elsewhere", async () => {
      await raise("resolved");
      await approve(1, "resolved");
      await raise("proposed");
      for (const [stage, person] of wayTo("accepted").slice(0, -1)) await quality.advance({ journeyId: JOURNEY, number: 2, to: stage, person });
      await raise("another leg", { leg: INBOUND + 2 });
      await approve(3, "accepted");
      await raise("no leg", { leg: 0 });
      await approve(4, "accepted");
      await raise("before", { occurredAt: from() - 1 });
      await approve(5, "accepted");
      await raise("after", { occurredAt: to() + UNIT_SECONDS });
      await approve(6, "accepted");
      for (const exceptionNumber of [1, 2, 3, 4, 5, 6]) await expectRevert(accept({ exceptionNumber }), ...uncovered(to(), exceptionNumber));
      await expectRevert(accept({ exceptionNumber: 99 }), "ExceptionRegisterUnknownException", [JOURNEY, 99]);
      await quality.advance({ journeyId: JOURNEY, number: 0, to: "closed", person: "quality" });
      await accept();
    });

    test("an interval past the leg's end, off the ticks, empty or backwards", async () => {
      const refused = async (end: number) => expectRevert(accept({ to: end }), "ConditionProofsNotAcceptable", [JOURNEY, INBOUND, from(), end]);
      await refused(start + 3600 + UNIT_SECONDS);
      await refused(to() + 1);
      await refused(from());
      await refused(from() - UNIT_SECONDS);
      await accept({ to: start + 3600 });
    });

    test("an interval of a leg under way does not reach into the future", async () => {
      const fresh = threadline();
      const journeyId = id("journey under way");
      await fresh.ledger.openJourney(journeyId, 1, id("identity"));
      await fresh.proofs.assignDevice(journeyId, INBOUND, DEVICE, start);
      await fresh.ledger.record([await fresh.signFact(fresh.actors.clinic.wallet, { journeyId, sequence: 0, step: 1, occurredAt: start })]);
      await raise("silence", { journeyId, occurredAt: start });
      await approve(0, "accepted", journeyId);
      const ahead = Math.ceil(((await fresh.now()) + 60) / UNIT_SECONDS) * UNIT_SECONDS;
      await expectRevert(accept({ journeyId, from: start, to: ahead }), "ConditionProofsNotAcceptable", [journeyId, INBOUND, start, ahead]);
    });

    test("a signature for another leg, journey, interval, exception, time or contract", async () => {
      const { proofs, ethers, addresses, now } = threadline();
      await raise("second");
      await approve(1, "accepted");
      const signedAt = await now();
      const digest = await proofs.intervalAcceptanceDigest(JOURNEY, INBOUND, from(), to(), 0, signedAt);
      const others: [Values, object?][] = [
        [{ journeyId: id("another") }], [{ leg: 1 }], [{ from: from() - UNIT_SECONDS }], [{ to: to() - UNIT_SECONDS }], [{ exceptionNumber: 1 }],
        [{ signedAt: signedAt + 1 }], [{}, { chainId: 1n }], [{}, { verifyingContract: addresses.releaseRegister }],
      ];
      for (const [values, change] of others) {
        const signature = (await sign({ signedAt, ...values }, "quality", change))[5];
        await expectRevert(proofs.acceptInterval(JOURNEY, INBOUND, to(), 0, signedAt, signature), "ConditionProofsNotAuthorised", [
          ethers.recoverAddress(digest, signature), 0, QUALIFIED_PERSON,
        ]);
      }
      for (const [, signature] of malformedSignatures((await sign({ signedAt }))[5]))
        await expectRevert(proofs.acceptInterval(JOURNEY, INBOUND, to(), 0, signedAt, signature), "ConditionProofsNotAuthorised", [
          ZeroAddress, 0, QUALIFIED_PERSON,
        ]);
    });

    test("the same acceptance twice", async () => {
      const { proofs } = threadline();
      const acceptance = await sign();
      await proofs.acceptInterval(...acceptance);
      await expectRevert(proofs.acceptInterval(...acceptance), "ConditionProofsNotAcceptable", [JOURNEY, INBOUND, to(), to()]);
      await expectRevert(accept({ from: to(), to: start + 3600 }), ...uncovered(start + 3600, 0, to()));
    });

    test("an old signature, a leg without a logger, a caller who is not the oracle", async () => {
      const { proofs, accounts, now } = threadline();
      await expect(accept({ signedAt: (await now()) - 86_460 })).rejects.toThrow("SigningTimeOutOfRange");
      await expectRevert(accept({ leg: 1 }), "ConditionProofsNoDevice", [JOURNEY, 1]);
      await expectMissingRole(proofs.connect(accounts.outsider).acceptInterval(...(await sign())), accounts.outsider.address, id("ORACLE_ROLE"));
    });
  });

  beforeEach(async () => {
    expect(await legStatus()).toBe(LEG_STATUS.pending);
    expect(GAP_SECONDS).toBeLessThan(1200);
  });
});
