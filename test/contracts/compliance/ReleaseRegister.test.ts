import { ZeroAddress, encodeBytes32String, id } from "ethers";
import { describe, expect, test } from "vitest";
import {
  LONGEST_SIGNATURE_AGE_SECONDS,
  SIGNING_CLOCK_SKEW_SECONDS,
  isFreshSignature,
} from "../../../services/model/custody/signing-time.ts";
import { RELEASE_DECISION_TYPES, threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { DEVICE, INBOUND, JOURNEY, openCompliance, unproven, walkTo } from "../support/compliance.ts";
import { eventsOf } from "../support/events.ts";
import { openQuality, wayTo } from "../support/quality.ts";
import { STEP } from "../support/flow.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import type { Threadline } from "../support/threadline.ts";
import { useThreadline } from "../support/use-threadline.ts";

const INCOMING = 0;
const CERTIFICATION = 1;
const KIND = { step: 0n, leg: 1n, gate: 2n, noOpenException: 3n };
const STATUS = { pending: 0n, compliant: 1n, notCompliant: 2n };
const QUALIFIED_PERSON = 16;

describe("ReleaseRegister", () => {
  let start = 0;
  const threadline = useThreadline({ verifier: "yes" }, async (fresh) => {
    start = await openCompliance(fresh);
    await fresh.proofs.assignDevice(JOURNEY, INBOUND, DEVICE, start);
  });
  const arrive = () => walkTo(threadline(), "receive", { legStart: start + 30, legEnd: start + 3600 });
  const cover = () => threadline().proofs.submitSegments(JOURNEY, INBOUND, [unproven({ from: start, to: start + 3600 })] as never);
  const raise = (code: string) =>
    threadline().exceptions.raise(id(`exception ${code}`), JOURNEY, encodeBytes32String(code), 1, start, id("detail"));
  const domain = () => threadlineDomain(threadline().chainId, threadline().addresses.releaseRegister);
  const sign = async (
    actor: keyof Threadline["actors"] = "quality",
    values: { journeyId?: string; gate?: number; head?: string; signedAt?: number } = {},
    change: object = {},
  ) =>
    threadline().actors[actor].wallet.signTypedData({ ...domain(), ...change }, RELEASE_DECISION_TYPES, {
      journeyId: JOURNEY,
      gate: INCOMING,
      head: await threadline().ledger.head(JOURNEY),
      signedAt: start,
      ...values,
    });
  const release = async (signature: string | Promise<string> = sign(), gate = INCOMING, head?: string, signedAt = start) =>
    threadline().releases.release(JOURNEY, gate, head ?? (await threadline().ledger.head(JOURNEY)), signedAt, await signature);
  const checks = async (gate = INCOMING) => (await threadline().releases.checks(JOURNEY, gate)).map((check) => [...check]);

  test("lists steps, legs, gates and exceptions, each with its status", async () => {
    const { releases } = threadline();
    expect(await checks()).toEqual([
      [KIND.step, BigInt(STEP.receive), STATUS.pending],
      [KIND.leg, 0n, STATUS.pending],
      [KIND.noOpenException, 0n, STATUS.compliant],
    ]);
    expect(await checks(CERTIFICATION)).toEqual([
      [KIND.step, BigInt(STEP.manufacture), STATUS.pending],
      [KIND.gate, 0n, STATUS.pending],
      [KIND.noOpenException, 0n, STATUS.compliant],
    ]);
    await arrive();
    await cover();
    await raise("sensor-gap");
    expect((await checks()).map(([, , status]) => status)).toEqual([STATUS.compliant, STATUS.compliant, STATUS.notCompliant]);
    expect(await releases.isReleasable(JOURNEY, INCOMING)).toBe(false);
  });

  test("releases when all is compliant and a qualified person signs the present head", async () => {
    const { releases, ledger, actors, now } = threadline();
    await arrive();
    await cover();
    expect(await releases.isReleasable(JOURNEY, INCOMING)).toBe(true);
    const head = await ledger.head(JOURNEY);
    const signature = await sign();
    const emitted = await eventsOf(releases, release(signature));
    expect(emitted).toEqual([
      ["GateReleased", JOURNEY, 0n, 4n, actors.quality.wallet.address, head, BigInt(start), BigInt(await now()), signature],
    ]);
    expect(await releases.isReleased(JOURNEY, INCOMING)).toBe(true);
    expect(await releases.isReleased(JOURNEY, CERTIFICATION)).toBe(false);
    expect((await ledger.journey(JOURNEY)).releasedGates).toBe(1n);
    expect((await checks(CERTIFICATION))[1]).toEqual([KIND.gate, 0n, STATUS.compliant]);
    await expectRevert(release(), "ReleaseRegisterAlreadyReleased", [JOURNEY, INCOMING]);
  });

  test("a released gate opens the step that needs it, and that step the next gate", async () => {
    const { ledger, signFact, actors, exceptions, releases, now } = threadline();
    await arrive();
    await cover();
    await release();
    const event = await signFact(actors.factory.wallet, { journeyId: JOURNEY, sequence: 5, step: STEP.manufacture, occurredAt: await now() });
    await ledger.record([event]);
    expect(await exceptions.count(JOURNEY)).toBe(0n);
    await release(sign("quality", { gate: CERTIFICATION }), CERTIFICATION);
    expect(await releases.isReleased(JOURNEY, CERTIFICATION)).toBe(true);
  });

  describe("what is not compliant holds, by name", () => {
    const held = (kind: bigint, number: number, status: bigint, gate = INCOMING) =>
      expectRevert(release(sign("quality", { gate }), gate), "ReleaseRegisterNotReleasable", [JOURNEY, gate, kind, number, status]);

    test("a step that is missing", async () => {
      await cover();
      await held(KIND.step, STEP.receive, STATUS.pending);
    });

    test("a leg that is not covered: no proof, no release", async () => {
      await arrive();
      await held(KIND.leg, INBOUND, STATUS.pending);
    });

    test("a leg that broke its profile", async () => {
      await threadline().proofs.submitSegments(JOURNEY, INBOUND, [unproven({ from: start + 900, to: start + 3600 })] as never);
      await walkTo(threadline(), "receive", { legStart: start + 30, legEnd: start + 3600 });
      await held(KIND.leg, INBOUND, STATUS.notCompliant);
    });

    test("a gate that is not released", async () => {
      const { ledger, signFact, actors, exceptions, now } = threadline();
      await arrive();
      const event = await signFact(actors.factory.wallet, { journeyId: JOURNEY, sequence: 5, step: STEP.manufacture, occurredAt: await now() });
      await ledger.record([event]);
      expect(await exceptions.openHolding(JOURNEY)).toBe(1n);
      await held(KIND.gate, INCOMING, STATUS.pending, CERTIFICATION);
    });

    test.each([
      ["sensor-gap", "resolved"],
      ["temperature-excursion", "accepted"],
      ["no-such-code", "accepted"],
    ] as const)("an open %s, until it is %s by another person than who proposed it", async (code, outcome) => {
      const { exceptions } = threadline();
      await arrive();
      await cover();
      await raise(code);
      const quality = await openQuality(threadline());
      for (const [to, person] of wayTo(outcome)) {
        await held(KIND.noOpenException, 0, STATUS.notCompliant);
        await quality.advance({ journeyId: JOURNEY, number: 0, to, person });
      }
      expect(await exceptions.openHolding(JOURNEY)).toBe(0n);
      await release();
    });

    test.each(["operator-comment", "late-entry"])("but no %s", async (code) => {
      await arrive();
      await cover();
      await raise(code);
      await release();
    });
  });

  test("refuses a head that is not the present one", async () => {
    const { ledger } = threadline();
    const earlier = await ledger.head(JOURNEY);
    await arrive();
    await cover();
    const head = await ledger.head(JOURNEY);
    await expectRevert(release(sign("quality", { head: earlier }), INCOMING, earlier), "ReleaseRegisterStaleHead", [JOURNEY, head, earlier]);
  });

  test.each(["clinic", "factory", "authority"] as const)("refuses the %s, who has no duty to release", async (actor) => {
    await arrive();
    await cover();
    const { wallet } = threadline().actors[actor];
    const { roles } = await threadline().participants.activeSigner(wallet.address);
    await expectRevert(release(sign(actor)), "ReleaseRegisterNotAuthorised", [wallet.address, roles, QUALIFIED_PERSON]);
  });

  test("refuses a suspended participant and a removed account", async () => {
    const { participants, actors } = threadline();
    const { participantId, wallet } = actors.quality;
    await arrive();
    await cover();
    const refused = ["ReleaseRegisterNotAuthorised", [wallet.address, 0, QUALIFIED_PERSON]] as const;
    await participants.setSuspended(participantId, true);
    await expectRevert(release(), ...refused);
    await participants.setSuspended(participantId, false);
    await participants.removeAccount(participantId, wallet.address);
    await expectRevert(release(), ...refused);
  });

  test("refuses a signature for anything else", async () => {
    const { releases, ledger, ethers, addresses } = threadline();
    await arrive();
    await cover();
    const digest = await releases.releaseDecisionDigest(JOURNEY, INCOMING, await ledger.head(JOURNEY), start);
    for (const signature of [
      await sign("quality", { gate: CERTIFICATION }),
      await sign("quality", { journeyId: id("journey 2") }),
      await sign("quality", { head: id("another head") }),
      await sign("quality", { signedAt: start + 1 }),
      await sign("quality", {}, { chainId: 1n }),
      await sign("quality", {}, { verifyingContract: addresses.exceptionRegister }),
      await sign("quality", {}, { version: "2" }),
    ]) {
      await expectRevert(release(signature), "ReleaseRegisterNotAuthorised", [
        ethers.recoverAddress(digest, signature),
        0,
        QUALIFIED_PERSON,
      ]);
    }
  });

  test("refuses what is no signature", async () => {
    await arrive();
    await cover();
    for (const [, signature] of malformedSignatures(await sign())) {
      await expectRevert(release(signature), "ReleaseRegisterNotAuthorised", [ZeroAddress, 0, QUALIFIED_PERSON]);
    }
    expect(await threadline().releases.isReleased(JOURNEY, INCOMING)).toBe(false);
  });

  test("refuses a gate and a journey it does not know", async () => {
    const { releases } = threadline();
    for (const gate of [2, 255]) {
      const unknown = ["ReleaseRegisterUnknownGate", [JOURNEY, gate]] as const;
      await expectRevert(releases.checks(JOURNEY, gate), ...unknown);
      await expectRevert(releases.isReleasable(JOURNEY, gate), ...unknown);
      await expectRevert(releases.isReleased(JOURNEY, gate), ...unknown);
      await expectRevert(release(sign("quality", { gate }), gate), ...unknown);
    }
    await expectRevert(releases.checks(id("ghost"), 0), "CustodyLedgerUnknownJourney", [id("ghost")]);
  });

  test("the digest is that of the TypeScript types", async () => {
    const { releases, ethers } = threadline();
    expect(await releases.releaseDecisionDigest(JOURNEY, 3, id("head"), 7)).toBe(
      ethers.TypedDataEncoder.hash(domain(), RELEASE_DECISION_TYPES, { journeyId: JOURNEY, gate: 3, head: id("head"), signedAt: 7 }),
    );
  });

  test("refuses a signature that is old or dated ahead, as the TypeScript rule does", async () => {
    await arrive();
    await cover();
    const { now } = threadline();
    for (const [offset, fresh] of [[-LONGEST_SIGNATURE_AGE_SECONDS - 60, false], [SIGNING_CLOCK_SKEW_SECONDS + 60, false], [-LONGEST_SIGNATURE_AGE_SECONDS + 60, true]] as const) {
      const signedAt = (await now()) + offset;
      expect(isFreshSignature(signedAt, await now())).toBe(fresh);
      const attempt = release(sign("quality", { signedAt }), INCOMING, undefined, signedAt);
      if (fresh) await attempt;
      else await expect(attempt).rejects.toThrow("SigningTimeOutOfRange");
    }
    expect(await threadline().releases.isReleased(JOURNEY, INCOMING)).toBe(true);
  });

  test("a gate that asks for a person's own key refuses one that a node hosts", async () => {
    const { participants, actors, ethers, ledger, signFact, now } = threadline();
    await arrive();
    await cover();
    await release();
    const fact = { journeyId: JOURNEY, sequence: 5, step: STEP.manufacture, occurredAt: await now() };
    await ledger.record([await signFact(actors.factory.wallet, fact)]);
    const hosted = ethers.Wallet.createRandom();
    await participants.addAccount(actors.quality.participantId, hosted.address, true);
    const head = await ledger.head(JOURNEY);
    const value = { journeyId: JOURNEY, gate: CERTIFICATION, head, signedAt: start };
    await expectRevert(
      release(hosted.signTypedData(domain(), RELEASE_DECISION_TYPES, value), CERTIFICATION),
      "ReleaseRegisterHostedKey",
      [JOURNEY, CERTIFICATION, hosted.address],
    );
    await release(sign("quality", { gate: CERTIFICATION }), CERTIFICATION);
  });

  test("only the oracle relays", async () => {
    const { releases, ledger, accounts } = threadline();
    await arrive();
    await cover();
    const head = await ledger.head(JOURNEY);
    for (const caller of [accounts.outsider, accounts.admin, accounts.registrar]) {
      await expectMissingRole(
        releases.connect(caller).release(JOURNEY, INCOMING, head, start, await sign()),
        caller.address,
        id("ORACLE_ROLE"),
      );
    }
  });
});
