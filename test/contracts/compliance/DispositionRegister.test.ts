import { ZeroAddress, ZeroHash, encodeBytes32String, id } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { RELEASE_DECISION_TYPES, threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { DISPOSITION_DECISIONS, EXCEPTIONAL_RELEASE_STAGES } from "../../../services/model/custody/disposition.ts";
import { GATE, dispositionFlow, openDisposition } from "../support/disposition.ts";
import type { Disposition } from "../support/disposition.ts";
import { eventsOf } from "../support/events.ts";
import { openQuality, wayTo } from "../support/quality.ts";
import type { Quality } from "../support/quality.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const OTHER = id("journey 2");
const DISPOSITION_CHECK = 6n;
const STATUS = { pending: 0n, compliant: 1n, notCompliant: 2n, completed: 3n };
const QUALIFIED_PERSON = 16;
const HOLDERS_OF_THE_HOLD = 16 + 256 + 32;

describe("DispositionRegister", () => {
  let book: Disposition;
  const threadline = useThreadline({ flow: dispositionFlow }, async (fresh) => {
    const { ledger, signFact, actors, now } = fresh;
    book = await openDisposition(fresh);
    for (const journeyId of [JOURNEY, OTHER]) {
      await ledger.openJourney(journeyId, 1, id("identity"));
      await ledger.record([await signFact(actors.factory.wallet, { journeyId, sequence: 0, step: 0, occurredAt: await now() })]);
    }
  });
  const state = async () => {
    const { decision, stage } = await threadline().dispositions.disposition(JOURNEY);
    return [DISPOSITION_DECISIONS[Number(decision)], EXCEPTIONAL_RELEASE_STAGES[Number(stage)]];
  };
  const checks = async (gate: number) =>
    (await threadline().releases.checks(JOURNEY, gate)).filter(({ kind }) => kind === DISPOSITION_CHECK).map(({ status }) => status);
  const release = async (gate: number) => {
    const { releases, ledger, actors, now, chainId, addresses } = threadline();
    const value = { journeyId: JOURNEY, gate, head: await ledger.head(JOURNEY), signedAt: await now() };
    const signature = await actors.quality.wallet.signTypedData(threadlineDomain(chainId, addresses.releaseRegister), RELEASE_DECISION_TYPES, value);
    return releases.release(JOURNEY, gate, value.head, value.signedAt, signature);
  };
  const held = async (gate: number) =>
    expectRevert(release(gate), "ReleaseRegisterNotReleasable", [JOURNEY, gate, DISPOSITION_CHECK, 0, STATUS.notCompliant]);
  const walkToConfirmation = async () => {
    await book.take("clinic", JOURNEY, "request");
    await book.take("factory", JOURNEY, "risk-evaluation");
    await book.take("clinic", JOURNEY, "confirmation");
  };

  test("says nothing of a journey nobody decided on: its gates are released as before", async () => {
    expect(await checks(GATE.certification)).toEqual([]);
    await release(GATE.certification);
    await release(GATE.shipment);
  });

  test("records a decision with who signed it, on which record and why", async () => {
    const { dispositions, actors, now } = threadline();
    const decision = await book.signDecision("quality", JOURNEY, "accepted");
    const [, , , head, reasonHash, signedAt, signature] = decision;
    expect(await eventsOf(dispositions, dispositions.decide(...decision))).toEqual([
      ["DispositionDecided", JOURNEY, 0n, 1n, 4n, actors.quality.wallet.address, head, reasonHash, BigInt(signedAt), BigInt(await now()), signature],
    ]);
    expect(await state()).toEqual(["accepted", "none"]);
    expect(await checks(GATE.shipment)).toEqual([STATUS.compliant]);
    await release(GATE.certification);
  });

  describe("what holds", () => {
    test.each(["on-hold", "rejected", "rework"] as const)("%s holds every gate", async (decision) => {
      await book.decide("quality", JOURNEY, decision);
      await held(GATE.certification);
      expect(await checks(GATE.shipment)).toEqual([STATUS.notCompliant]);
      expect((await threadline().releases.checks(OTHER, GATE.certification)).some(({ kind }) => kind === DISPOSITION_CHECK)).toBe(false);
    });

    test.each(["assurance", "authority", "quality"] as const)("%s may put a batch on hold, only a qualified person lifts it", async (person) => {
      await book.decide(person, JOURNEY, "on-hold");
      const lifting = await book.signDecision("assurance", JOURNEY, "accepted");
      await expectRevert(threadline().dispositions.decide(...lifting), "DispositionRegisterNotAuthorised", [
        book.people.assurance.wallet.address, 256, QUALIFIED_PERSON,
      ]);
      await book.decide("quality", JOURNEY, "accepted");
      await release(GATE.certification);
    });

    test("a hold needs no present head: it may not wait for the record to come to rest", async () => {
      await book.decide("assurance", JOURNEY, "on-hold", { head: id("an earlier head") });
      expect((await state())[0]).toBe("on-hold");
    });

    test("rejected is final but for rework", async () => {
      await book.decide("quality", JOURNEY, "rejected");
      for (const decision of ["accepted", "conditionally-accepted", "on-hold", "oos-exceptional-release"] as const)
        await expectRevert(book.decide("quality", JOURNEY, decision), "DispositionRegisterIllegalTransition", [
          JOURNEY, DISPOSITION_DECISIONS.indexOf("rejected"), DISPOSITION_DECISIONS.indexOf(decision),
        ]);
      await expectRevert(book.take("clinic", JOURNEY, "request"), "DispositionRegisterOutOfOrder", [JOURNEY, 0]);
      await book.decide("quality", JOURNEY, "rework");
      await book.decide("quality", JOURNEY, "accepted");
      await release(GATE.certification);
    });
  });

  describe("attacks", () => {
    test.each(["clinic", "factory", "courier", "assurance", "authority", "stranger"] as const)("the %s accepts no batch", async (person) => {
      const { wallet, roles } = { ...book.people[person], roles: (await threadline().participants.activeSigner(book.people[person].wallet.address)).roles };
      await expectRevert(book.decide(person, JOURNEY, "accepted"), "DispositionRegisterNotAuthorised", [wallet.address, roles, QUALIFIED_PERSON]);
    });

    test.each(["clinic", "courier", "factory", "stranger"] as const)("the %s puts no batch on hold", async (person) => {
      const { roles } = await threadline().participants.activeSigner(book.people[person].wallet.address);
      await expectRevert(book.decide(person, JOURNEY, "on-hold"), "DispositionRegisterNotAuthorised", [
        book.people[person].wallet.address, roles, HOLDERS_OF_THE_HOLD,
      ]);
    });

    test("an acceptance signed before a hold does not lift it, nor does one used before", async () => {
      const { dispositions } = threadline();
      const early = await book.signDecision("quality", JOURNEY, "accepted");
      await book.decide("assurance", JOURNEY, "on-hold");
      await expectRevert(dispositions.decide(...early), "DispositionRegisterStaleNumber", [JOURNEY, 1, 0]);
      const lifting = await book.signDecision("quality", JOURNEY, "accepted");
      await dispositions.decide(...lifting);
      await book.decide("assurance", JOURNEY, "on-hold");
      await expectRevert(dispositions.decide(...lifting), "DispositionRegisterStaleNumber", [JOURNEY, 3, 1]);
    });

    test("an acceptance signed before a recall does not judge it", async () => {
      const { dispositions, exceptions, now } = threadline();
      const early = await book.signDecision("quality", JOURNEY, "accepted");
      await exceptions.raise(id("late result"), JOURNEY, encodeBytes32String("positive-late-result"), 0, await now(), id("detail"));
      await expectRevert(dispositions.decide(...early), "DispositionRegisterStaleNumber", [JOURNEY, 1, 0]);
    });

    test("a decision signed for anything else is refused", async () => {
      const { dispositions, addresses, ethers, ledger } = threadline();
      const [, number, decision, head, reasonHash, signedAt] = await book.signDecision("quality", JOURNEY, "accepted", { reasonHash: id("why") });
      const digest = await dispositions.dispositionDecisionDigest(JOURNEY, number, decision, head, reasonHash, signedAt);
      const same = { number, head, reasonHash, signedAt };
      const forged = [
        await book.signDecision("quality", OTHER, "accepted", { ...same, journeyId: OTHER }),
        await book.signDecision("quality", JOURNEY, "on-hold", same),
        await book.signDecision("quality", JOURNEY, "accepted", { ...same, number: 1 }),
        await book.signDecision("quality", JOURNEY, "accepted", { ...same, head: id("another") }),
        await book.signDecision("quality", JOURNEY, "accepted", { ...same, reasonHash: id("another") }),
        await book.signDecision("quality", JOURNEY, "accepted", { ...same, signedAt: signedAt + 1 }),
        await book.signDecision("quality", JOURNEY, "accepted", same, { chainId: 1n }),
        await book.signDecision("quality", JOURNEY, "accepted", same, { verifyingContract: addresses.releaseRegister }),
      ].map((values) => values[6]);
      for (const signature of forged)
        await expectRevert(
          dispositions.decide(JOURNEY, number, decision, await ledger.head(JOURNEY), reasonHash, signedAt, signature),
          "DispositionRegisterNotAuthorised",
          [ethers.recoverAddress(digest, signature), 0, QUALIFIED_PERSON],
        );
      const good = await book.signDecision("quality", JOURNEY, "accepted", same);
      for (const [, signature] of malformedSignatures(good[6]))
        await expectRevert(
          dispositions.decide(JOURNEY, number, decision, head, reasonHash, signedAt, signature),
          "DispositionRegisterNotAuthorised",
          [ZeroAddress, 0, QUALIFIED_PERSON],
        );
      await dispositions.decide(...good);
    });

    test("needs the present head, a reason and a fresh signature", async () => {
      const { ledger, now } = threadline();
      await expectRevert(book.decide("quality", JOURNEY, "accepted", { head: id("earlier") }), "DispositionRegisterStaleHead", [
        JOURNEY, await ledger.head(JOURNEY), id("earlier"),
      ]);
      await expectRevert(book.decide("quality", JOURNEY, "accepted", { reasonHash: ZeroHash }), "DispositionRegisterNoReason", [JOURNEY]);
      await expect(book.decide("quality", JOURNEY, "accepted", { signedAt: (await now()) - 86_460 })).rejects.toThrow("SigningTimeOutOfRange");
      await expect(book.decide("quality", JOURNEY, "accepted", { signedAt: (await now()) + 360 })).rejects.toThrow("SigningTimeOutOfRange");
    });

    test("none is no decision, and an unknown journey has none", async () => {
      await expectRevert(book.decide("quality", JOURNEY, "none"), "DispositionRegisterIllegalTransition", [JOURNEY, 0, 0]);
      const ghost = await book.signDecision("quality", id("ghost"), "accepted", { head: ZeroHash });
      await expectRevert(threadline().dispositions.decide(...ghost), "CustodyLedgerUnknownJourney", [id("ghost")]);
    });

    test("a suspended participant decides nothing", async () => {
      const { participants, actors } = threadline();
      await participants.setSuspended(actors.quality.participantId, true);
      await expectRevert(book.decide("quality", JOURNEY, "accepted"), "DispositionRegisterNotAuthorised", [
        actors.quality.wallet.address, 0, QUALIFIED_PERSON,
      ]);
    });

    test("only the oracle relays", async () => {
      const { dispositions, accounts } = threadline();
      const relayed = dispositions.connect(accounts.outsider);
      const role = id("ORACLE_ROLE");
      await expectMissingRole(relayed.decide(...(await book.signDecision("quality", JOURNEY, "accepted"))), accounts.outsider.address, role);
      await expectMissingRole(relayed.takeStep(...(await book.signStep("clinic", JOURNEY, "request"))), accounts.outsider.address, role);
      await expectMissingRole(relayed.acknowledgeRecall(JOURNEY, 1, 0, "0x"), accounts.outsider.address, role);
    });
  });

  describe("an out-of-specification batch", () => {
    test("goes from the request to the authority's acknowledgement, with its clock, and is never certified", async () => {
      const { dispositions, releases, now } = threadline();
      await book.take("clinic", JOURNEY, "request");
      expect(await checks(GATE.certification)).toEqual([STATUS.notCompliant]);
      expect(await checks(GATE.shipment)).toEqual([STATUS.pending]);
      await book.take("factory", JOURNEY, "risk-evaluation");
      await book.take("clinic", JOURNEY, "confirmation");
      expect(await dispositions.authorityNotificationDueAt(JOURNEY)).toBe(0n);
      await book.decide("quality", JOURNEY, "oos-exceptional-release");
      expect(await dispositions.authorityNotificationDueAt(JOURNEY)).toBe(BigInt((await now()) + 7_200));
      await held(GATE.certification);
      const gate = (await releases.checks(JOURNEY, GATE.shipment)).find(({ kind }) => kind === 2n);
      expect(gate?.status).toBe(STATUS.completed);
      await release(GATE.shipment);
      await book.take("factory", JOURNEY, "authority-notification");
      expect((await dispositions.disposition(JOURNEY)).authorityNotifiedAt).toBe(BigInt(await now()));
      await book.take("authority", JOURNEY, "authority-acknowledgement");
      expect(await state()).toEqual(["oos-exceptional-release", "authority-acknowledged"]);
      await held(GATE.certification);
    });

    test("is neither accepted nor released before the physician confirmed", async () => {
      await expectRevert(book.decide("quality", JOURNEY, "oos-exceptional-release"), "DispositionRegisterOutOfOrder", [JOURNEY, 0]);
      for (const [person, step, stage] of [["clinic", "request", 1], ["factory", "risk-evaluation", 2]] as const) {
        await book.take(person, JOURNEY, step);
        for (const decision of ["accepted", "conditionally-accepted", "oos-exceptional-release"] as const)
          await expectRevert(book.decide("quality", JOURNEY, decision), "DispositionRegisterOutOfOrder", [JOURNEY, stage]);
      }
    });

    test("every step is refused out of its order", async () => {
      const steps = [
        ["clinic", "request"],
        ["factory", "risk-evaluation"],
        ["clinic", "confirmation"],
        ["factory", "authority-notification"],
        ["authority", "authority-acknowledgement"],
      ] as const;
      const refuseAllBut = async (next: string | undefined, stage: number) => {
        for (const [person, step] of steps)
          if (step !== next) await expectRevert(book.take(person, JOURNEY, step), "DispositionRegisterOutOfOrder", [JOURNEY, stage]);
      };
      for (const [person, step] of steps) {
        const stage = EXCEPTIONAL_RELEASE_STAGES.indexOf((await state())[1] as never);
        if (step === "authority-notification") {
          await refuseAllBut(undefined, 3);
          await book.decide("quality", JOURNEY, "oos-exceptional-release");
          await refuseAllBut(step, 4);
        } else await refuseAllBut(step, stage);
        await book.take(person, JOURNEY, step);
      }
      await refuseAllBut(undefined, 6);
    });

    test.each([
      ["request", "factory", 4, 1],
      ["risk-evaluation", "clinic", 3, 4 + 16],
      ["authority-notification", "quality", 16, 4],
      ["authority-acknowledgement", "factory", 4, 32],
    ] as const)("%s is not taken by the %s", async (step, person, roles, needed) => {
      await expectRevert(book.take(person, JOURNEY, step), "DispositionRegisterNotAuthorised", [
        book.people[person].wallet.address, roles, needed,
      ]);
    });

    test("only the participant who asked confirms or withdraws", async () => {
      await book.take("clinic", JOURNEY, "request");
      await expectRevert(book.take("otherClinic", JOURNEY, "withdrawal"), "DispositionRegisterNotRequester", [JOURNEY, 1, 8]);
      await book.take("quality", JOURNEY, "risk-evaluation");
      await expectRevert(book.take("otherClinic", JOURNEY, "confirmation"), "DispositionRegisterNotRequester", [JOURNEY, 1, 8]);
      await book.take("clinic", JOURNEY, "withdrawal");
      expect(await state()).toEqual(["none", "none"]);
      await book.decide("quality", JOURNEY, "accepted");
    });

    test("a step signed for an earlier way does not serve a later one", async () => {
      const { dispositions } = threadline();
      await book.take("clinic", JOURNEY, "request");
      const evaluation = await book.signStep("factory", JOURNEY, "risk-evaluation");
      await book.take("clinic", JOURNEY, "withdrawal");
      await book.take("clinic", JOURNEY, "request");
      await expectRevert(dispositions.takeStep(...evaluation), "DispositionRegisterStaleNumber", [JOURNEY, 3, 1]);
    });

    test("rework ends the way, but not once the batch was released by it: the authority is still to be told", async () => {
      await walkToConfirmation();
      await book.decide("quality", JOURNEY, "rework");
      expect(await state()).toEqual(["rework", "none"]);
      await walkToConfirmation();
      await book.decide("quality", JOURNEY, "oos-exceptional-release");
      const { exceptionalReleaseAt } = await threadline().dispositions.disposition(JOURNEY);
      await book.decide("assurance", JOURNEY, "on-hold");
      await expectRevert(book.decide("quality", JOURNEY, "rework"), "DispositionRegisterOutOfOrder", [JOURNEY, 4]);
      await expectRevert(book.decide("quality", JOURNEY, "accepted"), "DispositionRegisterOutOfOrder", [JOURNEY, 4]);
      await book.decide("quality", JOURNEY, "oos-exceptional-release");
      expect((await threadline().dispositions.disposition(JOURNEY)).exceptionalReleaseAt).toBe(exceptionalReleaseAt);
      await book.take("factory", JOURNEY, "authority-notification");
    });

    test("on hold again, the waived gate is waived no more", async () => {
      const { releases } = threadline();
      await walkToConfirmation();
      await book.decide("quality", JOURNEY, "oos-exceptional-release");
      await book.decide("authority", JOURNEY, "on-hold");
      expect((await releases.checks(JOURNEY, GATE.shipment)).map(({ kind, status }) => [kind, status])).toEqual([
        [2n, STATUS.pending], [3n, STATUS.compliant], [DISPOSITION_CHECK, STATUS.notCompliant],
      ]);
    });
  });

  describe("a recall", () => {
    const recall = async (key = "late result") => {
      const { exceptions, now } = threadline();
      return exceptions.raise(id(key), JOURNEY, encodeBytes32String("positive-late-result"), 0, await now(), id("detail"));
    };

    test("is raised with the exception, once, and holds every gate also after the exception is resolved", async () => {
      const { exceptions, dispositions } = threadline();
      await release(GATE.certification);
      const raised = await eventsOf(exceptions, recall());
      expect(raised.map(([name]) => name)).toEqual(["ExceptionRaised", "RecallRaised"]);
      expect(raised[1]).toEqual(["RecallRaised", JOURNEY, 0n, 0n, encodeBytes32String("positive-late-result")]);
      expect(await eventsOf(exceptions, recall())).toEqual([]);
      expect(await exceptions.recallCount(JOURNEY)).toBe(1n);
      await expect(release(GATE.shipment)).rejects.toThrow("ReleaseRegisterNotReleasable");
      expect(await dispositions.nextNumber(JOURNEY)).toBe(1n);
      expect(await checks(GATE.shipment)).toEqual([STATUS.notCompliant]);
      await book.decide("quality", JOURNEY, "accepted");
      expect(await checks(GATE.shipment)).toEqual([STATUS.compliant]);
      await recall("second late result");
      expect(await checks(GATE.shipment)).toEqual([STATUS.notCompliant]);
    });

    test("is acknowledged by each holder once for every recall, never before there is one", async () => {
      const { dispositions, actors, now } = threadline();
      await expectRevert(book.acknowledge("clinic", JOURNEY, 1), "DispositionRegisterNothingToAcknowledge", [JOURNEY, 0, 1]);
      await recall();
      const [entry] = await eventsOf(dispositions, book.acknowledge("clinic", JOURNEY, 1));
      expect(entry?.slice(0, 5)).toEqual(["RecallAcknowledged", JOURNEY, 1n, 1n, actors.clinic.wallet.address]);
      expect(entry?.[6]).toBe(BigInt(await now()));
      await expectRevert(book.acknowledge("clinic", JOURNEY, 1), "DispositionRegisterNothingToAcknowledge", [JOURNEY, 1, 1]);
      await expectRevert(book.acknowledge("courier", JOURNEY, 2), "DispositionRegisterNothingToAcknowledge", [JOURNEY, 1, 2]);
      await recall("second late result");
      await book.acknowledge("clinic", JOURNEY, 2);
      expect(await dispositions.acknowledgedRecalls(JOURNEY, 1)).toBe(2n);
    });
  });
});

describe("a flow that provides for no exceptional release", () => {
  let book: Disposition;
  const threadline = useThreadline({ flow: { ...dispositionFlow, authorityNotificationSeconds: 0 } }, async (fresh) => {
    book = await openDisposition(fresh);
    await fresh.ledger.openJourney(JOURNEY, 1, id("identity"));
  });
  beforeEach(() => threadline());

  test("takes no request for one", async () => {
    await expectRevert(book.take("clinic", JOURNEY, "request"), "DispositionRegisterNotProvidedFor", [JOURNEY, 1]);
  });
});

describe("a late positive result after the first of two stages", () => {
  let book: Disposition;
  let quality: Quality;
  const threadline = useThreadline({ flow: dispositionFlow }, async (fresh) => {
    const { ledger, signFact, actors, now } = fresh;
    quality = await openQuality(fresh);
    book = await openDisposition(fresh);
    await ledger.openJourney(JOURNEY, 1, id("identity"));
    await ledger.record([await signFact(actors.factory.wallet, { journeyId: JOURNEY, sequence: 0, step: 0, occurredAt: await now() })]);
  });

  test("keeps the second stage held until the exception is approved and a qualified person judged the recall", async () => {
    const { exceptions, releases, now } = threadline();
    await exceptions.raise(id("late"), JOURNEY, encodeBytes32String("positive-late-result"), 0, await now(), id("detail"));
    for (const [to, person] of wayTo("resolved")) await quality.advance({ journeyId: JOURNEY, number: 0, to, person });
    expect(await exceptions.openHolding(JOURNEY)).toBe(0n);
    expect(await releases.isReleasable(JOURNEY, GATE.certification)).toBe(false);
    await book.decide("quality", JOURNEY, "conditionally-accepted");
    expect(await releases.isReleasable(JOURNEY, GATE.certification)).toBe(true);
  });
});
