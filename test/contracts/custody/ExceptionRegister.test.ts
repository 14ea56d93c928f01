import { ZeroAddress, ZeroHash, encodeBytes32String, id } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { eventsOf } from "../support/events.ts";
import { openQuality, stageNumber, wayTo } from "../support/quality.ts";
import type { Quality, Transition } from "../support/quality.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { developmentActor } from "../support/threadline.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const CODE = encodeBytes32String("sensor-gap");
const REACT_WITHIN = 4n * 3600n;
const DETAIL = id("detail");
const ONE_OF_EACH = { informational: "operator-comment", minor: "late-entry", major: "sensor-gap", critical: "custody-gap" };
const REVIEWERS = 16n + 256n;
const APPROVERS = 16n;

describe("ExceptionRegister", () => {
  const threadline = useThreadline();
  let quality: Quality;
  beforeEach(async () => {
    quality = await openQuality(threadline());
  });
  const raise = (key: string, code = CODE, journeyId = JOURNEY) =>
    threadline().exceptions.raise(id(key), journeyId, code, 1, 1000, DETAIL);
  const at = (number = 0) => threadline().exceptions.exceptionAt(JOURNEY, number);
  const move = (to: Transition["to"], person: Transition["person"], rest: Partial<Transition> = {}) =>
    quality.advance({ journeyId: JOURNEY, number: 0, to, person, ...rest });
  const walk = async (steps: [Transition["to"], Transition["person"]][], number = 0) => {
    for (const [to, person] of steps) await move(to, person, { number });
  };
  const toProposal = (number = 0) => walk(wayTo("resolved").slice(0, 3), number);

  test("numbers a journey's exceptions from 0; class and time to react are the catalogue's", async () => {
    const { exceptions, now } = threadline();
    const sent = eventsOf(exceptions, raise("a"));
    const [event] = await sent;
    const raisedAt = BigInt(await now());
    expect(event).toEqual(["ExceptionRaised", JOURNEY, CODE, 0n, 2n, 1n, 1000n, raisedAt + REACT_WITHIN, DETAIL, id("a")]);
    await raise("b");
    await raise("a", CODE, id("journey 2"));
    expect(await exceptions.count(JOURNEY)).toBe(2n);
    expect(await exceptions.count(id("journey 2"))).toBe(1n);
    expect([...(await at())]).toEqual([CODE, 2n, 1n, 0n, 0n, 1000n, raisedAt, raisedAt + REACT_WITHIN, ZeroAddress, DETAIL]);
  });

  test("a code nobody knows is critical and due at once", async () => {
    await raise("a", encodeBytes32String("no-such-code"));
    const found = await at();
    expect([found.class, found.dueAt]).toEqual([3n, found.raisedAt]);
    expect(await threadline().exceptions.openHolding(JOURNEY)).toBe(1n);
  });

  test("the same key again changes nothing and gives the first number", async () => {
    const { exceptions } = threadline();
    await raise("a");
    await raise("b");
    const again = [id("a"), JOURNEY, encodeBytes32String("other"), 2, 2000, id("other")] as const;
    expect(await exceptions.raise.staticCall(...again)).toBe(0n);
    expect(await eventsOf(exceptions, exceptions.raise(...again))).toEqual([]);
    expect(await exceptions.count(JOURNEY)).toBe(2n);
    expect((await at()).code).toBe(CODE);
  });

  test("a key is its raiser's own: nobody can keep the ledger's rules silent by using their key first", async () => {
    const { exceptions, accounts } = threadline();
    await exceptions.connect(accounts.admin).grantRole(await exceptions.RAISER_ROLE(), accounts.outsider.address);
    await exceptions.connect(accounts.outsider).raise(id("a"), JOURNEY, encodeBytes32String("late-entry"), 1, 1000, DETAIL);
    expect(await exceptions.openHolding(JOURNEY)).toBe(0n);
    await raise("a", encodeBytes32String("custody-gap"));
    expect(await exceptions.count(JOURNEY)).toBe(2n);
    expect(await exceptions.openHolding(JOURNEY)).toBe(1n);
  });

  test("critical and major ones hold a release until approved, others do not", async () => {
    const { exceptions } = threadline();
    const open = () => exceptions.openHolding(JOURNEY);
    for (const [name, holding] of [["informational", 0n], ["minor", 0n], ["major", 1n], ["critical", 2n]] as const) {
      await raise(name, encodeBytes32String(ONE_OF_EACH[name]));
      expect(await open()).toBe(holding);
    }
    for (const [number, holding] of [[0, 2n], [3, 1n], [1, 1n], [2, 0n]] as const) {
      await walk(wayTo("accepted"), number);
      expect(await open()).toBe(holding);
      await move("closed", "assurance", { number });
      expect(await open()).toBe(holding);
    }
  });

  test("goes the whole way, and its facts stay", async () => {
    const { exceptions, now } = threadline();
    await raise("a");
    const before = [...(await at())];
    await walk([
      ["classified", "assurance"], ["under-assessment", "quality"], ["deviation-opened", "assurance"], ["investigated", "assurance"],
      ["corrective-action", "assurance"], ["escalated", "assurance"], ["acceptance-proposed", "quality"],
      ["under-assessment", "approver"], ["acceptance-proposed", "approver"],
    ]);
    expect(await exceptions.openHolding(JOURNEY)).toBe(1n);
    expect(await exceptions.isAccepted(JOURNEY, 0)).toBe(false);
    const signedAt = await now();
    const call = await quality.sign({ journeyId: JOURNEY, number: 0, to: "accepted", person: "quality", signedAt });
    const { quality: signer, approver } = quality.people;
    expect(await eventsOf(exceptions, exceptions.advance(...call))).toEqual([
      ["ExceptionAdvanced", JOURNEY, 0n, 7n, 9n, 4n, signer.wallet.address, call[3], BigInt(signedAt), call[5]],
    ]);
    await move("closed", "assurance");
    expect(await exceptions.isAccepted(JOURNEY, 0)).toBe(true);
    before.splice(3, 2, 11n, 9n);
    before[8] = approver.wallet.address;
    expect([...(await at())]).toEqual(before);
  });

  test("who proposed cannot approve, send back or escalate, also when qualified", async () => {
    await raise("a");
    await walk([["classified", "quality"], ["under-assessment", "quality"], ["resolution-proposed", "quality"]]);
    for (const to of ["resolved", "under-assessment", "escalated"] as const) {
      await expectRevert(move(to, "quality"), "ExceptionRegisterSamePerson", [JOURNEY, 0, quality.people.quality.wallet.address]);
    }
    await move("resolved", "approver");
  });

  test("a second account of one participant is another person", async () => {
    const { participants, actors } = threadline();
    const { wallet } = developmentActor("second person", []);
    await participants.addAccount(actors.quality.participantId, wallet.address, false);
    await raise("a");
    await walk([["classified", "quality"], ["under-assessment", "quality"], ["resolution-proposed", "quality"]]);
    Object.assign(quality.people.approver, { wallet });
    await move("resolved", "approver");
    expect((await at()).outcome).toBe(8n);
  });

  test("quality assurance reviews but does not approve", async () => {
    await raise("a");
    await toProposal();
    await expectRevert(move("resolved", "assurance"), "ExceptionRegisterNotAuthorised", [
      quality.people.assurance.wallet.address, 256n, APPROVERS,
    ]);
  });

  test.each(["clinic", "authority"] as const)("refuses the signature of the %s, who has no quality duty", async (person) => {
    const { actors, participants } = threadline();
    await raise("a");
    const { address } = actors[person].wallet;
    const [, roles] = await participants.activeSigner(address);
    await expectRevert(move("classified", person), "ExceptionRegisterNotAuthorised", [address, roles, REVIEWERS]);
  });

  test("refuses the signature of a suspended participant and of a removed account", async () => {
    const { participants, actors } = threadline();
    await raise("a");
    const { participantId, wallet } = actors.quality;
    const refused = ["ExceptionRegisterNotAuthorised", [wallet.address, 0n, REVIEWERS]] as const;
    await participants.setSuspended(participantId, true);
    await expectRevert(move("classified", "quality"), ...refused);
    await participants.setSuspended(participantId, false);
    await participants.removeAccount(participantId, wallet.address);
    await expectRevert(move("classified", "quality"), ...refused);
  });

  test("refuses a stage that does not follow, and what was not raised", async () => {
    await expectRevert(move("classified", "quality", { from: "detected" }), "ExceptionRegisterUnknownException", [JOURNEY, 0]);
    await expectRevert(at(), "ExceptionRegisterUnknownException", [JOURNEY, 0]);
    await raise("a");
    for (const to of ["detected", "under-assessment", "resolution-proposed", "resolved", "accepted", "closed"] as const) {
      await expectRevert(move(to, "quality"), "ExceptionRegisterIllegalTransition", [JOURNEY, 0, 0, stageNumber(to)]);
    }
    await walk([["classified", "quality"], ["under-assessment", "quality"], ["escalated", "quality"]]);
    await expectRevert(move("closed", "approver"), "ExceptionRegisterIllegalTransition", [JOURNEY, 0, 10, 11]);
  });

  test("refuses a transition without a reason", async () => {
    await raise("a");
    await expectRevert(move("classified", "quality", { reasonHash: ZeroHash }), "ExceptionRegisterNoReason", [JOURNEY, 0]);
  });

  test("refuses a signature kept for later or dated ahead", async () => {
    const { now, provider } = threadline();
    await raise("a");
    const time = await now();
    for (const signedAt of [time + 400, time - 86_500]) {
      const { exceptions } = threadline();
      const call = await quality.sign({ journeyId: JOURNEY, number: 0, to: "classified", person: "quality", signedAt });
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [(await now()) + 1] });
      await expectRevert(exceptions.advance(...call), "SigningTimeOutOfRange", [signedAt, BigInt((await now()) + 1)]);
    }
  });

  test("a signature serves once, also when its stage comes again", async () => {
    const { exceptions } = threadline();
    await raise("a");
    await walk([["classified", "assurance"], ["under-assessment", "assurance"]]);
    const proposal = await quality.sign({ journeyId: JOURNEY, number: 0, to: "resolution-proposed", person: "assurance" });
    await exceptions.advance(...proposal);
    await move("under-assessment", "quality");
    const digest = await exceptions.exceptionTransitionDigest(JOURNEY, 0, 2, 6, proposal[3], proposal[4]);
    await expectRevert(exceptions.advance(...proposal), "ExceptionRegisterSignatureUsed", [digest]);
  });

  test("refuses a signature for anything else", async () => {
    const { exceptions, ethers, addresses, now } = threadline();
    await raise("a");
    await raise("b");
    const signedAt = await now();
    const wanted = { journeyId: JOURNEY, number: 0, to: "classified", person: "quality", signedAt, reasonHash: id("reason") } as const;
    const [, , to, reasonHash] = await quality.sign(wanted);
    const digest = await exceptions.exceptionTransitionDigest(JOURNEY, 0, 0, to, reasonHash, signedAt);
    const others: [Partial<Transition>, object?][] = [
      [{ number: 1 }], [{ journeyId: id("journey 2"), from: "detected" }], [{ from: "classified" }], [{ to: "resolved" }],
      [{ reasonHash: id("another") }], [{ signedAt: signedAt - 1 }],
      [{}, { chainId: 1n }], [{}, { verifyingContract: addresses.custodyLedger }], [{}, { name: "Other" }],
    ];
    for (const [change, domain] of others) {
      const signature = (await quality.sign({ ...wanted, ...change }, domain))[5];
      await expectRevert(exceptions.advance(JOURNEY, 0, to, reasonHash, signedAt, signature), "ExceptionRegisterNotAuthorised", [
        ethers.recoverAddress(digest, signature), 0n, REVIEWERS,
      ]);
    }
    for (const [, signature] of malformedSignatures((await quality.sign(wanted))[5])) {
      await expectRevert(exceptions.advance(JOURNEY, 0, to, reasonHash, signedAt, signature), "ExceptionRegisterNotAuthorised", [
        ZeroAddress, 0n, REVIEWERS,
      ]);
    }
    expect((await at()).stage).toBe(0n);
  });

  test("refuses a zero key, journey or code", async () => {
    const { exceptions } = threadline();
    const zero = ["ExceptionRegisterZeroValue", []] as const;
    await expectRevert(exceptions.raise(ZeroHash, JOURNEY, CODE, 0, 0, DETAIL), ...zero);
    await expectRevert(exceptions.raise(id("a"), ZeroHash, CODE, 0, 0, DETAIL), ...zero);
    await expectRevert(exceptions.raise(id("a"), JOURNEY, ZeroHash, 0, 0, DETAIL), ...zero);
  });

  test("only the custody ledger and the oracle raise, only the oracle relays", async () => {
    const { exceptions, accounts, addresses } = threadline();
    expect(await exceptions.hasRole(id("RAISER_ROLE"), addresses.custodyLedger)).toBe(true);
    await raise("a");
    const call = await quality.sign({ journeyId: JOURNEY, number: 0, to: "classified", person: "quality" });
    for (const caller of [accounts.outsider, accounts.admin, accounts.registrar]) {
      const as = exceptions.connect(caller);
      await expectMissingRole(as.raise(id("b"), JOURNEY, CODE, 0, 0, DETAIL), caller.address, id("RAISER_ROLE"));
      await expectMissingRole(as.advance(...call), caller.address, id("ORACLE_ROLE"));
    }
  });
});
