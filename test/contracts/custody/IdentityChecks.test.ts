import { Wallet, ZeroAddress, id, toBeHex } from "ethers";
import type { TypedDataDomain } from "ethers";
import { describe, expect, test } from "vitest";
import { IDENTITY_CHECK_TYPES, threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { identityCommitment, identityLinkContext } from "../../../services/model/identity/index.ts";
import { flowSchema } from "../../../services/model/custody/flow.ts";
import { eventsOf } from "../support/events.ts";
import { STEP, testFlow } from "../support/flow.ts";
import { proveLinks } from "../support/proven-identities.ts";
import type { ProvenLink } from "../support/proven-identities.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const OTHER_JOURNEY = id("journey 2");
const OPENING = { coi: "CHW123426AB12CD", patient: "5a".repeat(31), blinding: 77n };
const CHECK_KIND = 4n;
const PENDING = 0n;
const COMPLIANT = 1n;
const INCOMING = 0;
const RECEIVE = STEP.receive;

/** `testFlow` with two persons asked at the receipt, which the first gate requires. */
const flow = flowSchema.parse({
  ...testFlow,
  steps: testFlow.steps.map((step) => (step.step === "receive" ? { ...step, identityCheck: "two-person" } : step)),
});

describe("IdentityChecks", () => {
  let links: ProvenLink[] = [];
  let signedAt = 0;
  const second = new Wallet(id("threadline development key second person of the factory"));
  const threadline = useThreadline({ verifier: "dev", flow }, async (fresh) => {
    const commitment = toBeHex(identityCommitment(OPENING), 32);
    for (const journeyId of [JOURNEY, OTHER_JOURNEY]) await fresh.ledger.openJourney(journeyId, 1, commitment);
    await fresh.participants.addAccount(fresh.actors.factory.participantId, second.address, false);
    const context = identityLinkContext({
      chainId: fresh.chainId,
      contract: fresh.addresses.identityChecks,
      journeyId: JOURNEY,
      step: RECEIVE,
    });
    links = await proveLinks([101n, 102n].map((linkedBlinding) => ({ ...OPENING, context, linkedBlinding })));
    signedAt = await fresh.now();
  });
  const link = (index: number) => {
    const found = links[index];
    if (found === undefined) throw new Error(`link ${index} was not proven`);
    return found;
  };
  const domain = () => threadlineDomain(threadline().chainId, threadline().addresses.identityChecks);
  const sign = (wallet: Pick<Wallet, "signTypedData">, linkedCommitment: bigint, change: object = {}, signingDomain: TypedDataDomain = domain()) =>
    wallet.signTypedData(signingDomain, IDENTITY_CHECK_TYPES, { journeyId: JOURNEY, step: RECEIVE, linkedCommitment, signedAt, ...change });
  const factory = () => threadline().actors.factory.wallet;
  async function record(shown: ProvenLink, change: { journeyId?: string; step?: number; signature?: string; signedAt?: number } = {}) {
    const { journeyId = JOURNEY, step = RECEIVE } = change;
    const signature = change.signature ?? (await sign(factory(), shown.linkedCommitment, { journeyId, step }));
    const { linkedCommitment, proofA, proofB, proofC } = shown;
    return threadline().identities.record(journeyId, step, linkedCommitment, change.signedAt ?? signedAt, signature, proofA, proofB, proofC);
  }
  const check = async () => (await threadline().releases.checks(JOURNEY, INCOMING)).map((entry) => [...entry]).filter(([kind]) => kind === CHECK_KIND);

  test("two persons, each with a proof of their own, make the check compliant", async () => {
    const { identities } = threadline();
    expect(await check()).toEqual([[CHECK_KIND, BigInt(RECEIVE), PENDING]]);
    const signature = await sign(factory(), link(0).linkedCommitment);
    expect(await eventsOf(identities, record(link(0), { signature }))).toEqual([
      ["IdentityChecked", JOURNEY, BigInt(RECEIVE), 3n, factory().address, link(0).linkedCommitment, BigInt(signedAt), 1n, signature],
    ]);
    expect(await check()).toEqual([[CHECK_KIND, BigInt(RECEIVE), PENDING]]);
    await record(link(1), { signature: await sign(second, link(1).linkedCommitment) });
    expect(await identities.persons(JOURNEY, RECEIVE)).toBe(2n);
    expect(await check()).toEqual([[CHECK_KIND, BigInt(RECEIVE), COMPLIANT]]);
  });

  test("the same person twice is one person", async () => {
    await record(link(0));
    await record(link(1));
    expect(await threadline().identities.persons(JOURNEY, RECEIVE)).toBe(1n);
    expect(await check()).toEqual([[CHECK_KIND, BigInt(RECEIVE), PENDING]]);
  });

  test("a gate whose steps ask for no check has none", async () => {
    expect((await threadline().releases.checks(JOURNEY, 1)).filter(({ kind }) => kind === CHECK_KIND)).toEqual([]);
  });

  test("the context is that of the TypeScript twin", async () => {
    const { identities, chainId, addresses } = threadline();
    for (const step of [0, RECEIVE, 63])
      expect(await identities.context(JOURNEY, step)).toBe(
        identityLinkContext({ chainId, contract: addresses.identityChecks, journeyId: JOURNEY, step }),
      );
  });

  test("the digest is that of the TypeScript types", async () => {
    const { identities, ethers } = threadline();
    const value = { journeyId: JOURNEY, step: 3, linkedCommitment: 9n, signedAt: 7 };
    expect(await identities.identityCheckDigest(JOURNEY, 3, 9n, 7)).toBe(
      ethers.TypedDataEncoder.hash(domain(), IDENTITY_CHECK_TYPES, value),
    );
  });

  describe("refuses a proof", () => {
    const notProven = (shown: ProvenLink, change: { journeyId?: string; step?: number } = {}) =>
      expectRevert(record(shown, change), "IdentityChecksNotProven", [
        change.journeyId ?? JOURNEY,
        change.step ?? RECEIVE,
        shown.linkedCommitment,
      ]);

    test("of another journey, though its cells are the same patient's", () => notProven(link(0), { journeyId: OTHER_JOURNEY }));

    test("of another step", async () => {
      const step = STEP.manufacture;
      await notProven(link(0), { step });
    });

    test("for another commitment", () => notProven({ ...link(0), linkedCommitment: link(1).linkedCommitment }));

    test("of another identity", async () => {
      const [wrong] = await proveLinks([
        { ...OPENING, coi: "CHW123426AB12CE", context: await threadline().identities.context(JOURNEY, RECEIVE), linkedBlinding: 9n },
      ]);
      if (wrong === undefined) throw new Error("no proof was made");
      await notProven(wrong);
    }, 60_000);

    test("with a point moved", () => notProven({ ...link(0), proofA: link(1).proofA }));

    test("shown before, also by another person", async () => {
      await record(link(0));
      const again = ["IdentityChecksCommitmentUsed", [JOURNEY, link(0).linkedCommitment]] as const;
      await expectRevert(record(link(0)), ...again);
      await expectRevert(record(link(0), { signature: await sign(second, link(0).linkedCommitment) }), ...again);
    });

    test("whose commitment is the journey's own, or wraps around the field", async () => {
      const own = identityCommitment(OPENING);
      await expectRevert(record({ ...link(0), linkedCommitment: own }), "IdentityChecksCommitmentUsed", [JOURNEY, own]);
      const wrapped = link(0).linkedCommitment + FIELD_ORDER;
      await expectRevert(record({ ...link(0), linkedCommitment: wrapped }), "IdentityChecksOutOfField", [wrapped]);
    });

    test("when the journey's commitment is no field element", async () => {
      const journeyId = id("journey of old");
      await threadline().ledger.openJourney(journeyId, 1, toBeHex(FIELD_ORDER, 32));
      await expectRevert(record(link(0), { journeyId }), "IdentityChecksOutOfField", [FIELD_ORDER]);
    });
  });

  describe("refuses a signature", () => {
    const roles = 1 << 2;
    const refused = async (signature: string, signer: string, signerRoles = 0) =>
      expectRevert(record(link(0), { signature }), "IdentityChecksNotAuthorised", [signer, signerRoles, roles]);

    test("of a participant without a duty of the step", async () => {
      const { wallet } = threadline().actors.courier;
      await refused(await sign(wallet, link(0).linkedCommitment), wallet.address, 1 << 3);
    });

    test("of an account that was removed", async () => {
      const { participants, actors } = threadline();
      await participants.removeAccount(actors.factory.participantId, second.address);
      await refused(await sign(second, link(0).linkedCommitment), second.address);
    });

    test("for anything else", async () => {
      const { ethers, identities, addresses } = threadline();
      const { linkedCommitment } = link(0);
      const digest = await identities.identityCheckDigest(JOURNEY, RECEIVE, linkedCommitment, signedAt);
      for (const signature of [
        await sign(factory(), link(1).linkedCommitment),
        await sign(factory(), linkedCommitment, { step: STEP.manufacture }),
        await sign(factory(), linkedCommitment, { journeyId: OTHER_JOURNEY }),
        await sign(factory(), linkedCommitment, { signedAt: signedAt + 1 }),
        await sign(factory(), linkedCommitment, {}, { ...domain(), chainId: 1n }),
        await sign(factory(), linkedCommitment, {}, { ...domain(), verifyingContract: addresses.releaseRegister }),
      ])
        await refused(signature, ethers.recoverAddress(digest, signature));
      for (const [, signature] of malformedSignatures(await sign(factory(), linkedCommitment))) await refused(signature, ZeroAddress);
    });

    test("made long ago", async () => {
      const old = signedAt - 2 * 86_400;
      const signature = await sign(factory(), link(0).linkedCommitment, { signedAt: old });
      await expect(record(link(0), { signature, signedAt: old })).rejects.toThrow("SigningTimeOutOfRange");
    });
  });

  test("refuses a step and a journey it does not know", async () => {
    await expectRevert(record(link(0), { step: 7 }), "IdentityChecksUnknownStep", [JOURNEY, 7]);
    await expectRevert(record(link(0), { journeyId: id("ghost") }), "CustodyLedgerUnknownJourney", [id("ghost")]);
  });

  test("only the oracle relays", async () => {
    const { identities, accounts } = threadline();
    const { linkedCommitment, proofA, proofB, proofC } = link(0);
    const signature = await sign(factory(), linkedCommitment);
    for (const caller of [accounts.outsider, accounts.admin, accounts.registrar])
      await expectMissingRole(
        identities.connect(caller).record(JOURNEY, RECEIVE, linkedCommitment, signedAt, signature, proofA, proofB, proofC),
        caller.address,
        id("ORACLE_ROLE"),
      );
  });

  test("is not deployed with a verifier that has no code", async () => {
    const { ethers, addresses, accounts } = threadline();
    const parts = [addresses.participantRegistry, addresses.flowRegistry, addresses.custodyLedger, accounts.outsider.address];
    await expect(ethers.deployContract("IdentityChecks", [...parts, 0, accounts.admin.address, accounts.oracle.address])).rejects.toThrow(
      "IdentityChecksVerifierWithoutCode",
    );
  });
});
