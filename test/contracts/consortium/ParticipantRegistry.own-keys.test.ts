import { Wallet, id } from "ethers";
import { describe, expect, test } from "vitest";
import { ACCOUNT_ENDORSEMENT_TYPES, OWN_KEYS_TYPES } from "../../../services/model/custody/own-keys-typed-data.ts";
import { threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { eventsOf } from "../support/events.ts";
import { expectMissingRole, expectRevert, revertName } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { useThreadline } from "../support/use-threadline.ts";

const wallet = (name: string) => new Wallet(id(`threadline development key ${name}`));
const own = wallet("own account of the clinic");
const second = wallet("second own account of the clinic");
const ADMIN_ROLE = `0x${"00".repeat(32)}`;

/** A revert whose arguments depend on what a broken signature recovers to. */
async function expectRefusal(call: Promise<unknown>, name: string): Promise<void> {
  expect(await call.then(() => "accepted", revertName)).toBe(name);
}

describe("ParticipantRegistry: own keys", () => {
  let signedAt = 0;
  const threadline = useThreadline({}, async (fresh) => {
    // The clinic's first account is hosted; this one is its own.
    await fresh.participants.addAccount(fresh.actors.clinic.participantId, own.address, false);
    signedAt = await fresh.now();
  });
  const clinic = () => threadline().actors.clinic;
  const domain = () => threadlineDomain(threadline().chainId, threadline().addresses.participantRegistry);
  const requirement = (signer: Wallet, change: object = {}, over = domain()) =>
    signer.signTypedData(over, OWN_KEYS_TYPES, { participantId: clinic().participantId, signedAt, ...change });
  const endorsement = (signer: Wallet, account: string, change: object = {}, over = domain()) =>
    signer.signTypedData(over, ACCOUNT_ENDORSEMENT_TYPES, { participantId: clinic().participantId, account, signedAt, ...change });
  const require = async () => threadline().participants.requireOwnKeys(clinic().participantId, signedAt, await requirement(own));
  const active = async (account: string) => (await threadline().participants.activeSigner(account)).index;

  test("hosted accounts sign no more, its own go on", async () => {
    const { participants } = threadline();
    const hosted = clinic().wallet.address;
    expect([await active(hosted), await active(own.address)]).toEqual([1n, 1n]);
    const signature = await requirement(own);
    expect(await eventsOf(participants, require())).toEqual([["OwnKeysRequired", clinic().participantId, own.address, BigInt(signedAt), signature]]);
    expect([await active(hosted), await active(own.address)]).toEqual([0n, 1n]);
    expect((await participants.participant(clinic().participantId)).ownKeysOnly).toBe(true);
    expect(await active(threadline().actors.courier.wallet.address)).toBe(2n);
  });

  test("nobody ends hosted signing for another, nor with a hosted key", async () => {
    const { participants, actors, addresses, chainId } = threadline();
    const { participantId } = clinic();
    const attempt = (signature: string, at = signedAt) => participants.requireOwnKeys(participantId, at, signature);
    for (const signer of [clinic().wallet, actors.courier.wallet, actors.quality.wallet, Wallet.createRandom() as unknown as Wallet])
      await expectRevert(attempt(await requirement(signer)), "ParticipantRegistryNotItsOwnAccount", [participantId, signer.address]);
    const elsewhere = [threadlineDomain(1n, addresses.participantRegistry), threadlineDomain(chainId, addresses.releaseRegister)];
    const foreign = [
      ...(await Promise.all(elsewhere.map((over) => requirement(own, {}, over)))),
      await requirement(own, { participantId: actors.courier.participantId }),
      await requirement(own, { signedAt: signedAt - 1 }),
      await endorsement(own, second.address),
    ];
    for (const signature of [...foreign, ...malformedSignatures(await requirement(own)).map(([, text]) => text)])
      await expectRefusal(attempt(signature), "ParticipantRegistryNotItsOwnAccount");
    for (const at of [signedAt - 86_500, signedAt + 4_000])
      await expectRefusal(attempt(await requirement(own, { signedAt: at }), at), "SigningTimeOutOfRange");
    expect((await participants.participant(participantId)).ownKeysOnly).toBe(false);
  });

  test("the registrar adds no account any more, but by the signature of one the participant has", async () => {
    const { participants } = threadline();
    const { participantId } = clinic();
    await require();
    for (const hosted of [true, false])
      await expectRevert(participants.addAccount(participantId, second.address, hosted), "ParticipantRegistryEndorsementRequired", [participantId]);
    const add = (account: string, signature: string) => participants.addEndorsedAccount(participantId, account, signedAt, signature);
    for (const signer of [clinic().wallet, second, threadline().actors.courier.wallet])
      await expectRevert(add(second.address, await endorsement(signer, second.address)), "ParticipantRegistryNotItsOwnAccount", [participantId, signer.address]);
    const forAnother = await endorsement(own, wallet("somebody else").address);
    await expectRefusal(add(second.address, forAnother), "ParticipantRegistryNotItsOwnAccount");
    const signature = await endorsement(own, second.address);
    expect(await eventsOf(participants, add(second.address, signature))).toEqual([
      ["SigningAccountAdded", participantId, second.address, false],
      ["SigningAccountEndorsed", participantId, second.address, own.address, BigInt(signedAt), signature],
    ]);
    expect([await active(second.address), await participants.isHosted(second.address)]).toEqual([1n, false]);
    await expectRevert(add(second.address, signature), "ParticipantRegistryAccountTaken", [second.address, 1]);
  });

  test("a removed or suspended own account vouches for nobody", async () => {
    const { participants } = threadline();
    const { participantId } = clinic();
    await participants.setSuspended(participantId, true);
    await expectRevert(require(), "ParticipantRegistryNotItsOwnAccount", [participantId, own.address]);
    await participants.setSuspended(participantId, false);
    await participants.removeAccount(participantId, own.address);
    await expectRevert(require(), "ParticipantRegistryNotItsOwnAccount", [participantId, own.address]);
  });

  test("only the administrator takes it back, never the registrar", async () => {
    const { participants, accounts } = threadline();
    const { participantId } = clinic();
    await require();
    for (const caller of [accounts.registrar, accounts.oracle, accounts.outsider])
      await expectMissingRole(participants.connect(caller).liftOwnKeysOnly(participantId), caller.address, ADMIN_ROLE);
    const asAdmin = participants.connect(accounts.admin);
    expect(await eventsOf(participants, asAdmin.liftOwnKeysOnly(participantId))).toEqual([["OwnKeysNoLongerRequired", participantId]]);
    expect(await active(clinic().wallet.address)).toBe(1n);
    const REGISTRAR_ROLE = id("REGISTRAR_ROLE");
    for (const caller of [accounts.admin, accounts.oracle, accounts.outsider]) {
      const as = participants.connect(caller);
      await expectMissingRole(as.requireOwnKeys(participantId, signedAt, await requirement(own)), caller.address, REGISTRAR_ROLE);
      await expectMissingRole(as.addEndorsedAccount(participantId, second.address, signedAt, await endorsement(own, second.address)), caller.address, REGISTRAR_ROLE);
    }
  });

  test("digests are the TypeScript twin's", async () => {
    const { participants } = threadline();
    const { TypedDataEncoder } = await import("ethers");
    const { participantId } = clinic();
    expect(await participants.ownKeysDigest(participantId, signedAt)).toBe(TypedDataEncoder.hash(domain(), OWN_KEYS_TYPES, { participantId, signedAt }));
    const value = { participantId, account: second.address, signedAt };
    expect(await participants.endorsementDigest(participantId, second.address, signedAt)).toBe(TypedDataEncoder.hash(domain(), ACCOUNT_ENDORSEMENT_TYPES, value));
  });
});
