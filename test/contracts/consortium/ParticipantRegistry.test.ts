import { ZeroAddress, ZeroHash, id } from "ethers";
import { describe, expect, test } from "vitest";
import { ROLES, rolesToBitmap } from "../../../services/model/custody/roles.ts";
import { eventsOf } from "../support/events.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { ADMIN_DELAY_SECONDS, developmentActor } from "../support/threadline.ts";
import { useThreadline } from "../support/use-threadline.ts";

const REGISTRAR_ROLE = id("REGISTRAR_ROLE");
const newcomer = developmentActor("newcomer", ["logistics-provider"]);
const second = developmentActor("second", ["logistics-provider"]);

describe("ParticipantRegistry", () => {
  const threadline = useThreadline();
  const registerNewcomer = () =>
    threadline().participants.register(newcomer.participantId, 0b1000, newcomer.wallet.address, true);

  test("registers with the next index and its first account", async () => {
    const { participants } = threadline();
    expect(await eventsOf(participants, registerNewcomer())).toEqual([
      ["ParticipantRegistered", newcomer.participantId, 7n, 8n],
      ["SigningAccountAdded", newcomer.participantId, newcomer.wallet.address, true],
    ]);
    expect([...(await participants.participant(newcomer.participantId))]).toEqual([7n, 8n, false, false]);
    expect(await participants.participantIdAt(7)).toBe(newcomer.participantId);
    expect(await participants.participantCount()).toBe(7n);
    expect([...(await participants.activeSigner(newcomer.wallet.address))]).toEqual([7n, 8n]);
  });

  test("answers zero fields for what it does not know", async () => {
    const { participants } = threadline();
    expect([...(await participants.participant(id("nobody")))]).toEqual([0n, 0n, false, false]);
    expect([...(await participants.activeSigner(second.wallet.address))]).toEqual([0n, 0n]);
    expect([...(await participants.activeSigner(ZeroAddress))]).toEqual([0n, 0n]);
    expect(await participants.participantIdAt(0)).toBe(ZeroHash);
  });

  test("refuses a second registration of an id", async () => {
    await registerNewcomer();
    await expectRevert(
      threadline().participants.register(newcomer.participantId, 1, second.wallet.address, true),
      "ParticipantRegistryAlreadyRegistered",
      [newcomer.participantId],
    );
  });

  test("refuses a zero id and a zero account", async () => {
    const { participants, actors } = threadline();
    await expectRevert(participants.register(ZeroHash, 1, second.wallet.address, true), "ParticipantRegistryZeroValue", []);
    await expectRevert(participants.register(id("x"), 1, ZeroAddress, true), "ParticipantRegistryZeroValue", []);
    await expectRevert(participants.addAccount(actors.clinic.participantId, ZeroAddress, true), "ParticipantRegistryZeroValue", []);
  });

  test.each([0, 1 << 11, 0xffff])("refuses the roles bitmap %i", async (roles) => {
    const { participants, actors } = threadline();
    const error = ["ParticipantRegistryInvalidRoles", [roles]] as const;
    await expectRevert(participants.register(id("x"), roles, second.wallet.address, true), ...error);
    await expectRevert(participants.setRoles(actors.clinic.participantId, roles), ...error);
  });

  test("accepts each duty of the TypeScript twin, and all of them", async () => {
    const { participants, actors } = threadline();
    for (const roles of [...ROLES.map((role) => rolesToBitmap([role])), rolesToBitmap(ROLES)]) {
      await participants.setRoles(actors.clinic.participantId, roles);
      expect((await participants.activeSigner(actors.clinic.wallet.address)).roles).toBe(BigInt(roles));
    }
  });

  test("refuses an account that signs for anyone", async () => {
    const { participants, actors } = threadline();
    const account = actors.clinic.wallet.address;
    const error = ["ParticipantRegistryAccountTaken", [account, 1]] as const;
    await expectRevert(participants.register(newcomer.participantId, 1, account, true), ...error);
    await expectRevert(participants.addAccount(actors.courier.participantId, account, true), ...error);
    await expectRevert(participants.addAccount(actors.clinic.participantId, account, true), ...error);
  });

  test("a removed account signs for nobody, ever again", async () => {
    const { participants, actors } = threadline();
    const { participantId, wallet } = actors.clinic;
    expect(await eventsOf(participants, participants.removeAccount(participantId, wallet.address))).toEqual([
      ["SigningAccountRemoved", participantId, wallet.address],
    ]);
    expect([...(await participants.activeSigner(wallet.address))]).toEqual([0n, 0n]);
    for (const other of [actors.courier, actors.clinic]) {
      await expectRevert(participants.addAccount(other.participantId, wallet.address, true), "ParticipantRegistryAccountTaken", [
        wallet.address,
        1,
      ]);
    }
    await expectRevert(
      participants.removeAccount(participantId, wallet.address),
      "ParticipantRegistryAccountNotOfParticipant",
      [wallet.address, participantId],
    );
  });

  test("removes an account only from the participant it signs for", async () => {
    const { participants, actors } = threadline();
    for (const account of [actors.clinic.wallet.address, second.wallet.address]) {
      await expectRevert(
        participants.removeAccount(actors.courier.participantId, account),
        "ParticipantRegistryAccountNotOfParticipant",
        [account, actors.courier.participantId],
      );
    }
  });

  test("a suspended participant signs nothing until suspension ends", async () => {
    const { participants, actors } = threadline();
    const { participantId, wallet } = actors.courier;
    expect(await eventsOf(participants, participants.setSuspended(participantId, true))).toEqual([
      ["ParticipantSuspensionChanged", participantId, true],
    ]);
    expect([...(await participants.activeSigner(wallet.address))]).toEqual([0n, 0n]);
    await participants.setSuspended(participantId, false);
    expect([...(await participants.activeSigner(wallet.address))]).toEqual([2n, 8n]);
  });

  test("refuses an unknown participant", async () => {
    const { participants } = threadline();
    const unknown = ["ParticipantRegistryUnknownParticipant", [id("nobody")]] as const;
    await expectRevert(participants.setRoles(id("nobody"), 1), ...unknown);
    await expectRevert(participants.setSuspended(id("nobody"), true), ...unknown);
    await expectRevert(participants.addAccount(id("nobody"), second.wallet.address, true), ...unknown);
    await expectRevert(participants.removeAccount(id("nobody"), second.wallet.address), ...unknown);
  });

  test("only the registrar writes, not even the admin", async () => {
    const { participants, accounts, actors } = threadline();
    const { participantId } = actors.clinic;
    for (const caller of [accounts.outsider, accounts.admin, accounts.oracle, accounts.deployer]) {
      const as = participants.connect(caller);
      const refusal = [caller.address, REGISTRAR_ROLE] as const;
      await expectMissingRole(as.register(id("x"), 1, second.wallet.address, true), ...refusal);
      await expectMissingRole(as.setRoles(participantId, 1), ...refusal);
      await expectMissingRole(as.setSuspended(participantId, true), ...refusal);
      await expectMissingRole(as.addAccount(participantId, second.wallet.address, true), ...refusal);
      await expectMissingRole(as.removeAccount(participantId, actors.clinic.wallet.address), ...refusal);
    }
  });

  test("the admin changes in two steps and only after the delay", async () => {
    const { participants, accounts, now, provider } = threadline();
    const asAdmin = participants.connect(accounts.admin);
    const asHeir = participants.connect(accounts.outsider);
    await asAdmin.beginDefaultAdminTransfer(accounts.outsider.address);
    const acceptAfter = (await participants.pendingDefaultAdmin()).schedule;
    expect(acceptAfter).toBe(BigInt((await now()) + ADMIN_DELAY_SECONDS));
    await expectRevert(asHeir.acceptDefaultAdminTransfer(), "AccessControlEnforcedDefaultAdminDelay", [acceptAfter]);
    await provider.request({ method: "evm_increaseTime", params: [ADMIN_DELAY_SECONDS + 1] });
    await asHeir.acceptDefaultAdminTransfer();
    expect(await participants.defaultAdmin()).toBe(accounts.outsider.address);
  });
});
