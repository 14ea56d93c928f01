import { Signature, ZeroAddress, ZeroHash, id, toBeHex } from "ethers";
import { describe, expect, test } from "vitest";
import { firstHead, nextHead } from "../../../services/model/custody/commitments.ts";
import { CUSTODY_EVENT_TYPES } from "../../../services/model/custody/typed-data.ts";
import { eventsOf } from "../support/events.ts";
import { STEP } from "../support/flow.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { developmentActor } from "../support/threadline.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const IDENTITY = id("identity 1");
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("CustodyLedger", () => {
  let start = 0;
  const threadline = useThreadline({}, async (fresh) => {
    await fresh.ledger.openJourney(JOURNEY, 1, IDENTITY);
    start = await fresh.now();
  });
  const collected = () =>
    threadline().signFact(threadline().actors.clinic.wallet, {
      journeyId: JOURNEY,
      sequence: 0,
      step: STEP.collect,
      occurredAt: start,
    });

  describe("journeys", () => {
    test("opens with the first head of its chain", async () => {
      const { ledger } = threadline();
      const head = firstHead(id("journey 2"), 1, IDENTITY);
      expect(await eventsOf(ledger, ledger.openJourney(id("journey 2"), 1, IDENTITY))).toEqual([
        ["JourneyOpened", id("journey 2"), 1n, IDENTITY, head],
      ]);
      expect(await ledger.head(id("journey 2"))).toBe(head);
      expect([...(await ledger.journey(id("journey 2")))]).toEqual([1n, 0n, 0n, 0n, 0n, false, 0n]);
    });

    test("opens once, and never under zero", async () => {
      const { ledger } = threadline();
      await expectRevert(ledger.openJourney(JOURNEY, 1, IDENTITY), "CustodyLedgerJourneyExists", [JOURNEY]);
      await expectRevert(ledger.openJourney(ZeroHash, 1, IDENTITY), "CustodyLedgerJourneyExists", [ZeroHash]);
    });

    test("opens only for a registered flow", async () => {
      for (const flow of [0, 2]) {
        await expectRevert(threadline().ledger.openJourney(id("journey 2"), flow, IDENTITY), "FlowRegistryUnknownFlow", [flow]);
      }
    });

    test("does not answer for a journey it does not know", async () => {
      const { ledger, signFact, actors } = threadline();
      const unknown = ["CustodyLedgerUnknownJourney", [id("ghost")]] as const;
      await expectRevert(ledger.journey(id("ghost")), ...unknown);
      await expectRevert(ledger.head(id("ghost")), ...unknown);
      const event = await signFact(actors.clinic.wallet, { journeyId: id("ghost"), sequence: 0, step: 0, occurredAt: start });
      await expectRevert(ledger.record([event]), ...unknown);
    });
  });

  describe("recording", () => {
    test("stores the fact, moves the head as the TypeScript twin does, and emits all an auditor needs", async () => {
      const { ledger, actors, now } = threadline();
      const event = await collected();
      const emitted = await eventsOf(ledger, ledger.record([event]));
      const recordedAt = await now();
      const head = nextHead(firstHead(JOURNEY, 1, IDENTITY), {
        commitment: event.commitment,
        step: STEP.collect,
        occurredAt: start,
        recordedAt,
        signer: actors.clinic.wallet.address,
      });
      expect(emitted).toEqual([
        [
          "CustodyEventRecorded",
          JOURNEY,
          1n,
          0n,
          event.commitment,
          0n,
          BigInt(start),
          BigInt(recordedAt),
          head,
          event.signatureR,
          event.signatureVS,
        ],
      ]);
      expect(await ledger.head(JOURNEY)).toBe(head);
      expect([...(await ledger.journey(JOURNEY))]).toEqual([1n, 1n, 1n, 1n, 0n, false, 0n]);
    });

    test("keeps the first time of an anchor step, and of no other", async () => {
      const { ledger, signFact, actors } = threadline();
      const { wallet } = actors.clinic;
      const fact = (sequence: number, step: number, occurredAt: number) =>
        signFact(wallet, { journeyId: JOURNEY, sequence, step, occurredAt });
      await ledger.record([await fact(0, STEP.handOver, start + 1), await fact(1, STEP.handOver, start + 9), await fact(2, STEP.observe, start)]);
      expect(await ledger.stepOccurredAt(JOURNEY, STEP.handOver)).toBe(BigInt(start + 1));
      expect(await ledger.stepOccurredAt(JOURNEY, STEP.observe)).toBe(0n);
      expect(await ledger.stepOccurredAt(JOURNEY, STEP.receive)).toBe(0n);
      expect(await ledger.stepOccurredAt(JOURNEY, 255)).toBe(0n);
    });

    test("takes a batch over several journeys", async () => {
      const { ledger, signFact, actors } = threadline();
      await ledger.openJourney(id("journey 2"), 1, IDENTITY);
      const other = await signFact(actors.clinic.wallet, { journeyId: id("journey 2"), sequence: 0, step: 0, occurredAt: start });
      await ledger.record([await collected(), other]);
      expect((await ledger.journey(JOURNEY)).eventCount).toBe(1n);
      expect((await ledger.journey(id("journey 2"))).eventCount).toBe(1n);
    });

    test("the digest is that of EIP-712 and of the TypeScript types", async () => {
      const { ledger, ethers, domain } = threadline();
      const { journeyId, commitment, sequence, step, occurredAt } = await collected();
      expect(await ledger.custodyEventDigest(journeyId, commitment, sequence, step, occurredAt)).toBe(
        ethers.TypedDataEncoder.hash(domain, CUSTODY_EVENT_TYPES, { journeyId, commitment, sequence, step, occurredAt }),
      );
    });
  });

  describe("signatures that do not count", () => {
    const refused = async (event: Awaited<ReturnType<typeof collected>>, recovered: string) => {
      const { ledger } = threadline();
      const before = await ledger.head(JOURNEY);
      await expectRevert(ledger.record([event]), "CustodyLedgerInvalidSignature", [JOURNEY, event.sequence, recovered]);
      expect(await ledger.head(JOURNEY)).toBe(before);
    };
    /** Who the ledger takes for the signer when a signature of the clinic stands under other values. */
    const recover = async (event: Awaited<ReturnType<typeof collected>>) => {
      const { ethers, ledger } = threadline();
      const { journeyId, commitment, sequence, step, occurredAt } = event;
      const digest = await ledger.custodyEventDigest(journeyId, commitment, sequence, step, occurredAt);
      return ethers.recoverAddress(digest, Signature.from({ r: event.signatureR, yParityAndS: event.signatureVS }));
    };

    test("for another chain, contract, name or version", async () => {
      const { signFact, actors, domain, addresses } = threadline();
      const fact = { journeyId: JOURNEY, sequence: 0, step: 0, occurredAt: start };
      for (const change of [
        { chainId: 1n },
        { verifyingContract: addresses.releaseRegister },
        { name: "Threadlines" },
        { version: "2" },
      ]) {
        const event = await signFact(actors.clinic.wallet, fact, { ...domain, ...change });
        await refused(event, await recover(event));
      }
    });

    test("under any changed value", async () => {
      for (const change of [{ commitment: id("x") }, { step: 1 }, { occurredAt: start + 1 }]) {
        const event = { ...(await collected()), ...change };
        await refused(event, await recover(event));
      }
    });

    test("of a stranger", async () => {
      const stranger = developmentActor("stranger", []);
      const event = await threadline().signFact(stranger.wallet, { journeyId: JOURNEY, sequence: 0, step: 0, occurredAt: start });
      await refused(event, stranger.wallet.address);
    });

    test("of a removed account and of a suspended participant", async () => {
      const { participants, actors, provider } = threadline();
      const { participantId, wallet } = actors.clinic;
      const event = await collected();
      const snapshot = await provider.request({ method: "evm_snapshot", params: [] });
      await participants.setSuspended(participantId, true);
      await refused(event, wallet.address);
      await provider.request({ method: "evm_revert", params: [snapshot] });
      await participants.removeAccount(participantId, wallet.address);
      await refused(event, wallet.address);
    });

    test("with an s above half the order, as far as the compact encoding can say one", async () => {
      const event = await collected();
      const half = SECP256K1_ORDER >> 1n;
      for (const s of [half + 1n, 2n ** 255n - 1n]) {
        for (const parity of [0n, 1n]) await refused({ ...event, signatureVS: toBeHex(s | (parity << 255n), 32) }, ZeroAddress);
      }
    });

    test("that are zero or out of range", async () => {
      const event = await collected();
      const ones = `0x${"f".repeat(64)}`;
      for (const [signatureR, signatureVS] of [[ZeroHash, ZeroHash], [ones, event.signatureVS], [event.signatureR, ones]] as const) {
        await refused({ ...event, signatureR, signatureVS }, ZeroAddress);
      }
    });
  });

  describe("sequence numbers", () => {
    test.each([1, 2 ** 32 - 1])("refuses %i as the first", async (sequence) => {
      const { ledger, signFact, actors } = threadline();
      const event = await signFact(actors.clinic.wallet, { journeyId: JOURNEY, sequence, step: 0, occurredAt: start });
      await expectRevert(ledger.record([event]), "CustodyLedgerSequenceMismatch", [JOURNEY, 0, sequence]);
    });

    test("refuses the same event twice, in two transactions or in one", async () => {
      const { ledger } = threadline();
      const event = await collected();
      await expectRevert(ledger.record([event, event]), "CustodyLedgerSequenceMismatch", [JOURNEY, 1, 0]);
      await ledger.record([event]);
      await expectRevert(ledger.record([event]), "CustodyLedgerSequenceMismatch", [JOURNEY, 1, 0]);
    });

    test("one bad event leaves nothing of its batch", async () => {
      const { ledger, signFact, actors, exceptions } = threadline();
      const head = await ledger.head(JOURNEY);
      const late = await signFact(actors.courier.wallet, { journeyId: JOURNEY, sequence: 1, step: STEP.pickUp, occurredAt: start });
      const bad = { ...late, sequence: 2, commitment: id("not signed") };
      await expect(ledger.record([await collected(), late, bad])).rejects.toThrow();
      expect(await ledger.head(JOURNEY)).toBe(head);
      expect((await ledger.journey(JOURNEY)).eventCount).toBe(0n);
      expect(await exceptions.count(JOURNEY)).toBe(0n);
      await ledger.record([await collected(), late]);
      expect(await exceptions.count(JOURNEY)).toBe(2n);
    });
  });

  describe("callers", () => {
    test("only the oracle opens and records", async () => {
      const { ledger, accounts } = threadline();
      for (const caller of [accounts.outsider, accounts.admin, accounts.registrar]) {
        const as = ledger.connect(caller);
        await expectMissingRole(as.openJourney(id("x"), 1, IDENTITY), caller.address, id("ORACLE_ROLE"));
        await expectMissingRole(as.record([await collected()]), caller.address, id("ORACLE_ROLE"));
      }
    });

    test("only the release register marks a gate", async () => {
      const { ledger, accounts } = threadline();
      for (const caller of [accounts.outsider, accounts.admin, accounts.oracle]) {
        await expectRevert(ledger.connect(caller).markGateReleased(JOURNEY, 0), "CustodyLedgerNotReleaseRegister", [caller.address]);
      }
    });
  });
});
