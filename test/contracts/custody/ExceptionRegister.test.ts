import { ZeroAddress, ZeroHash, id, toUtf8Bytes, encodeBytes32String } from "ethers";
import { describe, expect, test } from "vitest";
import { EXCEPTION_RESOLUTION_TYPES, threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { eventsOf } from "../support/events.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const CODE = encodeBytes32String("sensor-gap");
const DETAIL = id("detail");
const REASON = id("reason");
const CLASSES = { informational: 0, minor: 1, major: 2, critical: 3 };

describe("ExceptionRegister", () => {
  const threadline = useThreadline();
  const raise = (key: string, exceptionClass = CLASSES.major, journeyId = JOURNEY) =>
    threadline().exceptions.raise(id(key), journeyId, CODE, exceptionClass, 1, 1000, DETAIL);
  const domain = () => threadlineDomain(threadline().chainId, threadline().addresses.exceptionRegister);
  const sign = (
    actor: "quality" | "clinic" | "authority" = "quality",
    values: { journeyId?: string; number?: number; justificationHash?: string } = {},
    change: object = {},
  ) =>
    threadline().actors[actor].wallet.signTypedData({ ...domain(), ...change }, EXCEPTION_RESOLUTION_TYPES, {
      journeyId: JOURNEY,
      number: 0,
      justificationHash: REASON,
      ...values,
    });

  test("numbers a journey's exceptions from 0", async () => {
    const { exceptions, now } = threadline();
    expect(await eventsOf(exceptions, raise("a"))).toEqual([
      ["ExceptionRaised", JOURNEY, CODE, 0n, 2n, 1n, 1000n, DETAIL, id("a")],
    ]);
    const raisedAt = BigInt(await now());
    await raise("b");
    await raise("a", CLASSES.major, id("journey 2"));
    expect(await exceptions.count(JOURNEY)).toBe(2n);
    expect(await exceptions.count(id("journey 2"))).toBe(1n);
    expect([...(await exceptions.exceptionAt(JOURNEY, 0))]).toEqual([CODE, 2n, 1n, false, 1000n, raisedAt, DETAIL]);
  });

  test("the same key again changes nothing and gives the first number", async () => {
    const { exceptions } = threadline();
    await raise("a");
    await raise("b");
    const again = [id("a"), JOURNEY, encodeBytes32String("other"), 3, 2, 2000, id("other")] as const;
    expect(await exceptions.raise.staticCall(...again)).toBe(0n);
    expect(await eventsOf(exceptions, exceptions.raise(...again))).toEqual([]);
    expect(await exceptions.count(JOURNEY)).toBe(2n);
    expect((await exceptions.exceptionAt(JOURNEY, 0)).code).toBe(CODE);
  });

  test("a key is its raiser's own: nobody can keep the ledger's rules silent by using their key first", async () => {
    const { exceptions, accounts } = threadline();
    await exceptions.connect(accounts.admin).grantRole(await exceptions.RAISER_ROLE(), accounts.outsider.address);
    await exceptions.connect(accounts.outsider).raise(id("a"), JOURNEY, CODE, CLASSES.minor, 1, 1000, DETAIL);
    expect(await exceptions.openHolding(JOURNEY)).toBe(0n);
    await raise("a", CLASSES.critical);
    expect(await exceptions.count(JOURNEY)).toBe(2n);
    expect(await exceptions.openHolding(JOURNEY)).toBe(1n);
  });

  test("critical and major ones hold a release until resolved, others do not", async () => {
    const { exceptions } = threadline();
    const open = () => exceptions.openHolding(JOURNEY);
    for (const [name, holding] of [["informational", 0n], ["minor", 0n], ["major", 1n], ["critical", 2n]] as const) {
      await raise(name, CLASSES[name]);
      expect(await open()).toBe(holding);
    }
    for (const [number, holding] of [[0, 2n], [3, 1n], [1, 1n], [2, 0n]] as const) {
      await exceptions.resolve(JOURNEY, number, REASON, await sign("quality", { number }));
      expect(await open()).toBe(holding);
    }
  });

  test("a qualified person resolves once, and the record stays", async () => {
    const { exceptions } = threadline();
    await raise("a");
    const before = [...(await exceptions.exceptionAt(JOURNEY, 0))];
    expect(await eventsOf(exceptions, exceptions.resolve(JOURNEY, 0, REASON, await sign()))).toEqual([
      ["ExceptionResolved", JOURNEY, 0n, 4n, REASON],
    ]);
    before[3] = true;
    expect([...(await exceptions.exceptionAt(JOURNEY, 0))]).toEqual(before);
    await expectRevert(exceptions.resolve(JOURNEY, 0, REASON, await sign()), "ExceptionRegisterAlreadyResolved", [JOURNEY, 0]);
  });

  test("refuses a resolution without a reason, and of what was not raised", async () => {
    const { exceptions } = threadline();
    const unknown = ["ExceptionRegisterUnknownException", [JOURNEY, 0]] as const;
    await expectRevert(exceptions.resolve(JOURNEY, 0, REASON, await sign()), ...unknown);
    await expectRevert(exceptions.exceptionAt(JOURNEY, 0), ...unknown);
    await raise("a");
    const unsaid = await sign("quality", { justificationHash: ZeroHash });
    await expectRevert(exceptions.resolve(JOURNEY, 0, ZeroHash, unsaid), "ExceptionRegisterNoJustification", [JOURNEY, 0]);
  });

  test.each(["clinic", "authority"] as const)("refuses the signature of the %s, who has no quality duty", async (actor) => {
    const { exceptions, actors } = threadline();
    await raise("a");
    await expectRevert(exceptions.resolve(JOURNEY, 0, REASON, await sign(actor)), "ExceptionRegisterNotQuality", [
      actors[actor].wallet.address,
    ]);
  });

  test("refuses the signature of a suspended participant and of a removed account", async () => {
    const { exceptions, participants, actors } = threadline();
    await raise("a");
    const { participantId, wallet } = actors.quality;
    const refused = ["ExceptionRegisterNotQuality", [wallet.address]] as const;
    await participants.setSuspended(participantId, true);
    await expectRevert(exceptions.resolve(JOURNEY, 0, REASON, await sign()), ...refused);
    await participants.setSuspended(participantId, false);
    await participants.removeAccount(participantId, wallet.address);
    await expectRevert(exceptions.resolve(JOURNEY, 0, REASON, await sign()), ...refused);
  });

  test("refuses a signature for anything else", async () => {
    const { exceptions, ethers, addresses } = threadline();
    await raise("a");
    await raise("b");
    const digest = await exceptions.exceptionResolutionDigest(JOURNEY, 0, REASON);
    for (const signature of [
      await sign("quality", { number: 1 }),
      await sign("quality", { journeyId: id("journey 2") }),
      await sign("quality", { justificationHash: id("another") }),
      await sign("quality", {}, { chainId: 1n }),
      await sign("quality", {}, { verifyingContract: addresses.custodyLedger }),
      await threadline().actors.quality.wallet.signMessage(toUtf8Bytes("resolve")),
    ]) {
      await expectRevert(exceptions.resolve(JOURNEY, 0, REASON, signature), "ExceptionRegisterNotQuality", [
        ethers.recoverAddress(digest, signature),
      ]);
    }
  });

  test("refuses what is no signature", async () => {
    const { exceptions } = threadline();
    await raise("a");
    for (const [, signature] of malformedSignatures(await sign())) {
      await expectRevert(exceptions.resolve(JOURNEY, 0, REASON, signature), "ExceptionRegisterNotQuality", [ZeroAddress]);
    }
    expect((await exceptions.exceptionAt(JOURNEY, 0)).resolved).toBe(false);
  });

  test("the digest is that of the TypeScript types", async () => {
    const { exceptions, ethers } = threadline();
    expect(await exceptions.exceptionResolutionDigest(JOURNEY, 7, REASON)).toBe(
      ethers.TypedDataEncoder.hash(domain(), EXCEPTION_RESOLUTION_TYPES, { journeyId: JOURNEY, number: 7, justificationHash: REASON }),
    );
  });

  test("refuses a zero key, journey or code", async () => {
    const { exceptions } = threadline();
    const zero = ["ExceptionRegisterZeroValue", []] as const;
    await expectRevert(exceptions.raise(ZeroHash, JOURNEY, CODE, 0, 0, 0, DETAIL), ...zero);
    await expectRevert(exceptions.raise(id("a"), ZeroHash, CODE, 0, 0, 0, DETAIL), ...zero);
    await expectRevert(exceptions.raise(id("a"), JOURNEY, ZeroHash, 0, 0, 0, DETAIL), ...zero);
  });

  test("only the custody ledger and the oracle raise, only the oracle relays", async () => {
    const { exceptions, accounts, addresses } = threadline();
    expect(await exceptions.hasRole(id("RAISER_ROLE"), addresses.custodyLedger)).toBe(true);
    await raise("a");
    for (const caller of [accounts.outsider, accounts.admin, accounts.registrar]) {
      const as = exceptions.connect(caller);
      await expectMissingRole(as.raise(id("b"), JOURNEY, CODE, 0, 0, 0, DETAIL), caller.address, id("RAISER_ROLE"));
      await expectMissingRole(as.resolve(JOURNEY, 0, REASON, await sign()), caller.address, id("ORACLE_ROLE"));
    }
  });
});
