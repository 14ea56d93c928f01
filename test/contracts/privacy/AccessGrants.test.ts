import { Interface, ZeroAddress, ZeroHash, id } from "ethers";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";
import { describe, expect, test } from "vitest";
import { rolesToBitmap } from "../../../services/model/custody/roles.ts";
import { threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { ACCESS_GRANT_TYPES, ACCESS_REVOCATION_TYPES, ACCESS_SCOPES, EVERY_SCOPE, GRANTING_ROLES } from "../../../services/model/privacy/access.ts";
import { eventsOf } from "../support/events.ts";
import { expectMissingRole, expectRevert, revertData } from "../support/revert.ts";
import { malformedSignatures } from "../support/signatures.ts";
import { useThreadline } from "../support/use-threadline.ts";

const JOURNEY = id("journey 1");
const GRANT = id("grant 1");
const KEY = id("key");

type Actor = "clinic" | "courier" | "factory" | "quality" | "authority";

const errors = new Interface(readArtifact("AccessGrants").abi);

/** Name of the error a call ended with; its arguments depend on whom a wrong signature happens to recover to. */
const revertName = (error: unknown) => errors.parseError(revertData(error) ?? "0x")?.name;

describe("AccessGrants", () => {
  const threadline = useThreadline();

  async function open() {
    const { ethers, addresses, accounts, ledger, actors, chainId, now } = threadline();
    await ledger.openJourney(JOURNEY, 1, id("identity"));
    const grants = await ethers.getContractAt("AccessGrants", addresses.accessGrants, accounts.oracle);
    const domain = threadlineDomain(chainId, addresses.accessGrants);
    const values = { grantId: GRANT, journeyId: JOURNEY, participantId: actors.authority.participantId, scope: 1, keyThumbprint: KEY, signedAt: await now() };
    type Values = typeof values;
    const sign = (actor: Actor, signed: Values, own = domain) => actors[actor].wallet.signTypedData(own, ACCESS_GRANT_TYPES, signed);
    const send = (sent: Values, signature: string) =>
      grants.grant(sent.grantId, sent.journeyId, sent.participantId, sent.scope, sent.keyThumbprint, sent.signedAt, signature);
    const grant = async (change: Partial<Values> = {}, actor: Actor = "clinic") => send({ ...values, ...change }, await sign(actor, { ...values, ...change }));
    const revoke = async (actor: Actor = "clinic", grantId = GRANT, signedAt = values.signedAt) =>
      grants.revoke(grantId, signedAt, await actors[actor].wallet.signTypedData(domain, ACCESS_REVOCATION_TYPES, { grantId, signedAt }));
    return { grants, domain, values, sign, send, grant, revoke };
  }

  test("records who was granted what, by whom, and its end", async () => {
    const { grants, values, sign, grant, revoke } = await open();
    const { actors, now } = threadline();
    const signature = await sign("clinic", values);
    expect(await eventsOf(grants, grant())).toEqual([
      ["AccessGranted", JOURNEY, actors.authority.participantId, GRANT, 1n, KEY, 1n, actors.clinic.wallet.address, BigInt(values.signedAt), signature],
    ]);
    const grantedAt = BigInt(await now());
    expect([...(await grants.grantOf(GRANT))]).toEqual([JOURNEY, actors.authority.participantId, 1n, grantedAt, 0n]);
    const [revoked] = await eventsOf(grants, revoke("quality"));
    expect(revoked?.slice(0, 6)).toEqual(["AccessRevoked", JOURNEY, actors.authority.participantId, GRANT, 4n, actors.quality.wallet.address]);
    expect((await grants.grantOf(GRANT)).revokedAt).toBe(BigInt(await now()));
    await grant({ grantId: id("grant 2") });
    await grant({ grantId: id("grant 3"), scope: ACCESS_SCOPES.milestones, keyThumbprint: ZeroHash });
    expect((await grants.grantOf(id("grant 3"))).scope).toBe(4n);
  });

  test("grants once and revokes once", async () => {
    const { grant, revoke } = await open();
    await expectRevert(revoke(), "AccessGrantsNotGranted", [GRANT]);
    await grant();
    await expectRevert(grant(), "AccessGrantsAlreadyGranted", [GRANT]);
    await revoke();
    await expectRevert(revoke(), "AccessGrantsNotGranted", [GRANT]);
    await expectRevert(grant(), "AccessGrantsAlreadyGranted", [GRANT]);
  });

  test("refuses what names nothing, nobody or no scope", async () => {
    const { grant } = await open();
    await expectRevert(grant({ grantId: ZeroHash }), "AccessGrantsZeroValue", []);
    await expectRevert(grant({ keyThumbprint: ZeroHash }), "AccessGrantsZeroValue", []);
    await expectRevert(grant({ scope: 0 }), "AccessGrantsInvalidScope", [0n]);
    await expectRevert(grant({ scope: 8 }), "AccessGrantsInvalidScope", [8n]);
    await expectRevert(grant({ scope: ACCESS_SCOPES.milestones }), "AccessGrantsZeroValue", []);
    await expectRevert(grant({ scope: ACCESS_SCOPES.milestones | ACCESS_SCOPES.content, keyThumbprint: ZeroHash }), "AccessGrantsZeroValue", []);
    await expectRevert(grant({ participantId: id("nobody") }), "AccessGrantsUnknownRecipient", [id("nobody")]);
    await expect(grant({ journeyId: id("no journey") })).rejects.toThrow();
    const { participants, actors } = threadline();
    await participants.setSuspended(actors.authority.participantId, true);
    await expectRevert(grant(), "AccessGrantsUnknownRecipient", [actors.authority.participantId]);
  });

  test("takes a grant from the duties of GRANTING_ROLES only", async () => {
    const { grants, grant, revoke } = await open();
    const { actors } = threadline();
    expect(await grants.GRANTING_DUTIES()).toBe(BigInt(rolesToBitmap(GRANTING_ROLES)));
    expect(await grants.MILESTONES()).toBe(BigInt(ACCESS_SCOPES.milestones));
    expect(await grants.EVERY_SCOPE()).toBe(BigInt(EVERY_SCOPE));
    await expectRevert(grant({}, "courier"), "AccessGrantsNotAuthorised", [actors.courier.wallet.address, BigInt(rolesToBitmap(actors.courier.roles))]);
    await grant({}, "factory");
    await expectRevert(revoke("courier"), "AccessGrantsNotAuthorised", [actors.courier.wallet.address, BigInt(rolesToBitmap(actors.courier.roles))]);
  });

  test("refuses a signature over anything else, by a stranger, malformed, too old or of the future", async () => {
    const { grants, domain, values, sign, send, grant } = await open();
    const { accounts, now } = threadline();
    const signature = await sign("clinic", values);
    for (const change of [{ scope: 3 }, { keyThumbprint: id("other key") }, { grantId: id("other") }, { participantId: threadline().actors.courier.participantId }, { signedAt: values.signedAt + 1 }])
      expect(revertName(await send({ ...values, ...change }, signature).catch((error: unknown) => error)), JSON.stringify(change)).toBe("AccessGrantsNotAuthorised");
    for (const other of [{ ...domain, chainId: 1n }, { ...domain, verifyingContract: accounts.outsider.address }])
      expect(revertName(await send(values, await sign("clinic", values, other)).catch((error: unknown) => error))).toBe("AccessGrantsNotAuthorised");
    for (const [, malformed] of malformedSignatures(signature))
      await expectRevert(send(values, malformed), "AccessGrantsNotAuthorised", [ZeroAddress, 0]);
    for (const signedAt of [values.signedAt - 86_500, (await now()) + 400])
      expect(revertName(await grant({ signedAt }).catch((error: unknown) => error))).toBe("SigningTimeOutOfRange");
    expect((await grants.grantOf(GRANT)).grantedAt).toBe(0n);
  });

  test("is written by the oracle only", async () => {
    const { grants, values, sign } = await open();
    const { accounts } = threadline();
    const stranger = grants.connect(accounts.outsider);
    const oracleRole = await grants.ORACLE_ROLE();
    const signature = await sign("clinic", values);
    const { grantId, journeyId, participantId, scope, keyThumbprint, signedAt } = values;
    await expectMissingRole(stranger.grant(grantId, journeyId, participantId, scope, keyThumbprint, signedAt, signature), accounts.outsider.address, oracleRole);
    await expectMissingRole(stranger.revoke(GRANT, signedAt, signature), accounts.outsider.address, oracleRole);
  });
});
