import { NonceManager, JsonRpcProvider, Wallet, getBytes, hexlify, randomBytes } from "ethers";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIndexer } from "../../services/ledger/indexer.ts";
import type { Indexer } from "../../services/ledger/indexer.ts";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import type { Relay } from "../../services/ledger/relay.ts";
import { EXCEPTION_STAGES } from "../../services/model/custody/exception-lifecycle.ts";
import type { ExceptionStage } from "../../services/model/custody/exception-lifecycle.ts";
import { EXCEPTION_TRANSITION_TYPES, reasonHash, threadlineDomain } from "../../services/model/custody/index.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { KEYRING_SECRET, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { isSignedWith, startReceiver } from "../support/webhook-receiver.ts";
import type { Receiver } from "../support/webhook-receiver.ts";
import { openJourney, startOracle } from "./support.ts";
import type { TestOracle } from "./support.ts";

const REASON = "The neighbour's label was scanned by mistake; the bag was checked.";
const OWN = new Wallet(`0x${"5c".repeat(32)}`);

type Participant = Awaited<ReturnType<TestOracle["participant"]>>;
let network: LedgerNetwork;
let oracle: TestOracle;
let relay: Relay;
let indexer: Indexer;
let receiver: Receiver;
let secondsAhead = 0;
let apheresis: Participant;
let quality: Participant;
let assurance: Participant;
let regulator: Participant;

beforeAll(async () => {
  network = await startLedgerNetwork();
  receiver = await startReceiver();
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const logger = pino({ level: "silent" });
  oracle = await startOracle(
    { webhooks: { privateTargets: true, pollMilliseconds: 20 } },
    {
      ledger: network.ledger,
      keyring,
      notifications,
      onOperation: () => relay?.notify(),
      now: () => Promise.resolve(Math.floor(Date.now() / 1000) + secondsAhead),
    },
  );
  const { database } = oracle;
  indexer = createIndexer({ database, ledger: network.ledger, notifications, logger });
  relay = createRelay({ database, ledger: network.ledger, signer: DEVELOPMENT_KEYS[1], keyring, logger, notifications, indexer });
  await indexer.start();
  relay.start();
  apheresis = await oracle.participant("apheresis-centre");
  quality = await oracle.participant("qualified-person");
  assurance = await oracle.participant("quality-assurance");
  regulator = await oracle.participant("regulator");
  await relay.flush();
  await addOwnAccount();
}, 120_000);

afterAll(async () => {
  await oracle?.close();
  await receiver?.close();
  await relay?.close();
  await indexer?.close();
  await network?.close();
});

/** The registrar gives the qualified person an account whose key no node holds. */
async function addOwnAccount(): Promise<void> {
  const provider = new JsonRpcProvider(network.anvil.rpcUrl, 31_337, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
  const registrar = new NonceManager(new Wallet(DEVELOPMENT_KEYS[1], provider));
  const { participantRegistry } = network.ledger.contracts;
  const sent = await participantRegistry.connect(registrar).getFunction("addAccount")(quality.participantId, OWN.address, false);
  await (sent as { wait(): Promise<unknown> }).wait();
  provider.destroy();
  await until(async () => {
    const row = await oracle.database.selectFrom("chain_accounts").select("hosted").where("account", "=", OWN.address.toLowerCase()).executeTakeFirst();
    return row?.hosted === false;
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("it did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A journey with one identity mismatch on the ledger, number 0. */
async function mismatch() {
  const { journeyId, coi } = await openJourney(oracle);
  await apheresis.api("POST", "/scans", { raw: `&/${coi}`, journeyId, step: "collect" });
  await apheresis.api("POST", "/scans", { raw: "&/CHG123426ZZZZZZ", journeyId, step: "collect" });
  await until(async () => (await exceptionsOf(journeyId))[0]?.number === 0);
  return journeyId;
}
const exceptionsOf = async (journeyId: string) => (await regulator.api("GET", `/journeys/${journeyId}/exceptions`)).body.exceptions;
const path = (journeyId: string, number: number | string = 0) => `/journeys/${journeyId}/exceptions/${number}/transitions`;
const move = (who: Participant, journeyId: string, to: ExceptionStage, rest: object = {}) =>
  who.api("POST", path(journeyId), { to, reason: REASON, ...rest });

async function signed(journeyId: string, from: ExceptionStage, to: ExceptionStage, change: { wallet?: Wallet; signedAt?: number; reason?: string } = {}) {
  const signedAt = change.signedAt ?? Math.floor(Date.now() / 1000);
  const reasonSalt = hexlify(randomBytes(32));
  const domain = threadlineDomain(network.ledger.chainId, network.ledger.addresses.exceptionRegister);
  const value = {
    journeyId,
    number: 0,
    from: EXCEPTION_STAGES.indexOf(from),
    to: EXCEPTION_STAGES.indexOf(to),
    reasonHash: reasonHash(change.reason ?? REASON, getBytes(reasonSalt)),
    signedAt,
  };
  const signature = await (change.wallet ?? OWN).signTypedData(domain, EXCEPTION_TRANSITION_TYPES, value);
  return { reasonSalt, signedAt: new Date(signedAt * 1000).toISOString(), signature };
}

describe("an exception", () => {
  it("goes from detection to its closing, with two persons, and everyone sees who and why", { timeout: 120_000 }, async () => {
    const { body: hook } = await apheresis.api("POST", "/webhooks", { url: receiver.url });
    const journeyId = await mismatch();
    const [first] = await exceptionsOf(journeyId);
    expect(first).toMatchObject({
      status: "open", stage: "detected", next: ["classified"], class: "critical", overdue: false, history: [],
      owners: ["treatment-centre", "quality-assurance"],
    });
    expect(Date.parse(first.dueAt) - Date.parse(first.raisedAt)).toBe(15 * 60_000);

    for (const to of ["classified", "under-assessment", "acceptance-proposed"] as const)
      expect((await move(assurance, journeyId, to)).status).toBe(201);
    expect((await move(assurance, journeyId, "accepted")).body.type).toContain("not-authorised");
    expect((await move(quality, journeyId, "under-assessment")).status).toBe(201);
    expect((await move(quality, journeyId, "acceptance-proposed")).status).toBe(201);
    const again = await move(quality, journeyId, "accepted");
    expect([again.status, again.body.type]).toEqual([403, "urn:threadline:problem:same-person"]);

    const own = await signed(journeyId, "acceptance-proposed", "accepted");
    const accepted = await move(quality, journeyId, "accepted", own);
    expect(accepted).toMatchObject({ status: 201, body: { code: "identity-mismatch", from: "acceptance-proposed", reasonSalt: own.reasonSalt, recorded: true } });
    expect((await move(assurance, journeyId, "closed")).status).toBe(201);

    const [done] = await exceptionsOf(journeyId);
    expect(done).toMatchObject({ status: "accepted", stage: "closed", next: [] });
    expect(done.history.map((step: { to: string; hosted: boolean }) => [step.to, step.hosted])).toEqual([
      ["classified", true], ["under-assessment", true], ["acceptance-proposed", true], ["under-assessment", true],
      ["acceptance-proposed", true], ["accepted", false], ["closed", true],
    ]);
    const approval = done.history[5];
    expect(approval).toMatchObject({ reason: REASON, signer: OWN.address.toLowerCase(), by: { gln: quality.gln } });
    expect(approval.reasonHash).toBe(reasonHash(approval.reason, getBytes(approval.reasonSalt)));
    const [isAccepted] = (await network.ledger.read("exceptionRegister", "isAccepted", [journeyId, 0])) as unknown as [boolean];
    expect(isAccepted).toBe(true);
    expect((await apheresis.api("GET", `/journeys/${journeyId}`)).body.openExceptions).toEqual([]);

    const told = await receiver.until(8);
    expect(told.map(({ json }) => json["stage"])).toEqual(["detected", ...done.history.map((step: { to: string }) => step.to)]);
    expect(told.every((delivery) => isSignedWith(hook.secret, delivery))).toBe(true);
  });

  it("takes no stage that does not follow, none of an unknown exception, and no bare word", { timeout: 60_000 }, async () => {
    const journeyId = await mismatch();
    const skipped = await move(quality, journeyId, "resolved");
    expect([skipped.status, skipped.body.type, skipped.body.next]).toEqual([409, "urn:threadline:problem:illegal-transition", ["classified"]]);
    expect((await quality.api("POST", path(journeyId, 99), { to: "classified", reason: REASON })).status).toBe(404);
    expect((await move(apheresis, journeyId, "classified")).status).toBe(403);
    for (const reason of ["too short", "", "x".repeat(4001)])
      expect((await move(quality, journeyId, "classified", { reason })).status).toBe(400);
    expect((await exceptionsOf(journeyId))[0]).toMatchObject({ stage: "detected", history: [] });
  });

  it("relays a signature as it is, and none that is not the caller's for just this", { timeout: 60_000 }, async () => {
    const journeyId = await mismatch();
    const good = await signed(journeyId, "detected", "classified");
    const attempts: [string, Participant, object][] = [
      ["signature-not-yours", quality, await signed(journeyId, "detected", "classified", { wallet: new Wallet(`0x${"77".repeat(32)}`) })],
      ["signature-not-yours", quality, await signed(journeyId, "classified", "classified")],
      ["signature-not-yours", quality, await signed(journeyId, "detected", "under-assessment")],
      ["signature-not-yours", quality, await signed(`0x${"12".repeat(32)}`, "detected", "classified")],
      ["signature-not-yours", quality, await signed(journeyId, "detected", "classified", { reason: "Another reason than the one that is sent." })],
      ["signature-not-yours", quality, { ...good, reasonSalt: hexlify(randomBytes(32)) }],
      ["signature-not-yours", assurance, good],
      ["signature-invalid", quality, { ...good, signature: `0x${"00".repeat(65)}` }],
      ["signature-stale", quality, await signed(journeyId, "detected", "classified", { signedAt: Math.floor(Date.now() / 1000) - 90_000 })],
      ["signature-stale", quality, await signed(journeyId, "detected", "classified", { signedAt: Math.floor(Date.now() / 1000) + 900 })],
    ];
    for (const [code, who, sent] of attempts) {
      const { status, body } = await move(who, journeyId, "classified", sent);
      expect([status, body.type]).toEqual([403, `urn:threadline:problem:${code}`]);
    }
    for (const part of ["reasonSalt", "signedAt", "signature"] as const) {
      const { [part]: _, ...rest } = good;
      if (part !== "signature") expect((await move(quality, journeyId, "classified", rest)).status).toBe(400);
    }
    expect((await exceptionsOf(journeyId))[0].history).toEqual([]);
    expect((await move(quality, journeyId, "classified", good)).status).toBe(201);
    const recorded = await oracle.database.selectFrom("chain_exception_transitions").selectAll().where("journey_id", "=", journeyId).executeTakeFirstOrThrow();
    expect(recorded.signature).toBe(good.signature);
  });

  it("is on the work list of who owns it, and overdue when nobody reacts in time", { timeout: 60_000 }, async () => {
    const [waiting, seen] = [await mismatch(), await mismatch()];
    for (const to of ["classified", "under-assessment"] as const) expect((await move(assurance, seen, to)).status).toBe(201);
    const work = async (query: string) => {
      const { status, body } = await assurance.api("GET", `/exceptions?perPage=1000${query}`);
      expect(status).toBe(200);
      const journeys = body.exceptions.map((item: { journeyId: string }) => item.journeyId);
      return { journeys, items: body.exceptions };
    };
    expect((await work("&stage=detected")).journeys).toContain(waiting);
    expect((await work("&stage=detected")).journeys).not.toContain(seen);
    expect((await work("&class=minor")).journeys).toEqual([]);
    expect((await work("&owner=quality-assurance&class=critical")).journeys).toEqual(expect.arrayContaining([waiting, seen]));
    expect((await work("&owner=logistics-provider")).journeys).toEqual([]);
    expect((await work("&overdue=true")).journeys).toEqual([]);
    secondsAhead = 15 * 60 + 60;
    try {
      const late = await work("&overdue=true");
      expect(late.journeys).toContain(waiting);
      expect(late.journeys).not.toContain(seen);
      expect(late.items.every((item: { overdue: boolean }) => item.overdue)).toBe(true);
      expect((await work("&overdue=false")).journeys).toContain(seen);
      expect((await exceptionsOf(waiting))[0].overdue).toBe(true);
    } finally {
      secondsAhead = 0;
    }
    const courier = await oracle.participant("logistics-provider");
    expect((await courier.api("GET", "/exceptions")).body.exceptions).toEqual([]);
    expect((await courier.api("GET", "/exceptions?stage=nowhere")).status).toBe(400);
  });
});
