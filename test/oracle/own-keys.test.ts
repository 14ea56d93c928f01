import { join } from "node:path";
import { Wallet } from "ethers";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSigningClient, openLedgerView, signingKeyOf } from "../../services/client/index.ts";
import type { ApiClient, SigningKey, SigningRequest } from "../../services/client/index.ts";
import { createApiClient } from "../../services/client/api-client.ts";
import { createIndexer } from "../../services/ledger/indexer.ts";
import type { Indexer } from "../../services/ledger/indexer.ts";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import type { Relay } from "../../services/ledger/relay.ts";
import { RELEASE_DECISION_TYPES, threadlineDomain } from "../../services/model/custody/index.ts";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import { headOf } from "../../services/model/signing/index.ts";
import type { JourneyRecord } from "../../services/model/signing/index.ts";
import { createIdentityCoordinator } from "../../services/proving/identity-coordinator.ts";
import type { ProofQueue } from "../../services/proving/proof-queue.ts";
import { createProverPool } from "../../services/proving/prover/prover-pool.ts";
import type { ProverPool } from "../../services/proving/prover/prover-pool.ts";
import { recordException } from "../../services/store/exception-details.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { enqueueOperation } from "../../services/store/outbox.ts";
import type { NewOperation } from "../../services/store/outbox.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { KEYRING_SECRET, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { documentOf, newIdentity, objectEvent, present, startOracle } from "./support.ts";
import type { TestOracle } from "./support.ts";

const ROOT = join(import.meta.dirname, "../..");

const FLOW = {
  name: "own-keys",
  version: 1,
  lateEntryToleranceSeconds: 86_400,
  handoverToleranceSeconds: 3_600,
  profiles: [],
  steps: [
    { step: "collect", title: "Collected", roles: ["apheresis-centre"], custody: "take" },
    { step: "receive", title: "Received", roles: ["apheresis-centre"], custody: "hold", after: ["collect"], identityCheck: "one-person", repeatable: true },
  ],
  legs: [],
  gates: [
    { gate: "certification", title: "Certification", roles: ["qualified-person"], requiredSteps: ["collect"], ownKey: true },
    { gate: "shipment", title: "Release for shipment", roles: ["qualified-person"], requiredGates: ["certification"] },
  ],
};

type Party = Awaited<ReturnType<TestOracle["participant"]>>;

let network: LedgerNetwork;
let oracle: TestOracle;
let relay: Relay;
let indexer: Indexer;
let pool: ProverPool;
let identities: ProofQueue;
let view: Awaited<ReturnType<typeof openLedgerView>>;
let newRelay: () => Relay;
/** Hosted, as every integration was before. */
let factory: Party;
let qualified: Party;
/** The clinic's integration and its nurse sign with keys of their own. */
let clinic: { gln: string; participantId: string; api: ReturnType<TestOracle["as"]>; client: ApiClient };
let nurse: typeof clinic;
let certifier: typeof clinic;
const keys = { clinic: newKey(), nurse: newKey(), certifier: newKey() };

function newKey() {
  const wallet = Wallet.createRandom();
  return { ...signingKeyOf(wallet.privateKey), wallet };
}

async function added(path: string, body: object, participantId?: string): Promise<typeof clinic> {
  const answer = await oracle.operator("POST", path, body);
  expect(answer).toMatchObject({ status: 201, body: { hosted: false } });
  const { apiKey } = answer.body;
  return { gln: answer.body.gln, participantId: answer.body.participantId ?? participantId, api: oracle.as(apiKey), client: createApiClient(oracle.url, apiKey) };
}

beforeAll(async () => {
  network = await startLedgerNetwork();
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const logger = pino({ level: "silent" });
  const { ledger } = network;
  pool = await createProverPool({
    workers: 1,
    circuits: ["identity-link"],
    circuitsDirectory: join(ROOT, "circuits"),
    buildDirectory: join(ROOT, "build/circuits"),
  });
  oracle = await startOracle({}, { ledger, keyring, notifications, onOperation: () => relay?.notify(), onIdentityCheck: () => identities?.notify() });
  const { database } = oracle;
  indexer = createIndexer({ database, ledger, notifications, logger });
  newRelay = () => createRelay({ database, ledger, signer: DEVELOPMENT_KEYS[1], keyring, logger, notifications, indexer });
  relay = newRelay();
  await indexer.start();
  relay.start();
  identities = createIdentityCoordinator(
    { chainId: ledger.chainId, identityChecks: ledger.addresses.identityChecks },
    { database, prover: pool, logger, onOperation: () => relay.notify() },
  );
  view = await openLedgerView({ rpcUrl: ledger.rpcUrl, addresses: ledger.addresses });
  factory = await oracle.participant("manufacturing-site", "apheresis-centre");
  qualified = await oracle.participant("qualified-person");
  const name = "Clinic that signs itself";
  clinic = await added("/participants", { gln: "9506000134369", name, roles: ["apheresis-centre", "treatment-centre"], account: keys.clinic.account });
  nurse = await added(`/participants/${clinic.gln}/persons`, { name: "A. Nurse", account: keys.nurse.account }, clinic.participantId);
  certifier = await added(`/participants/${qualified.gln}/persons`, { name: "Q. Person", account: keys.certifier.account }, qualified.participantId);
  expect((await oracle.operator("POST", "/flows", FLOW)).status).toBeLessThan(300);
}, 120_000);

afterAll(async () => {
  view?.close();
  await identities?.close();
  await pool?.close();
  await oracle?.close();
  await relay?.close();
  await indexer?.close();
  await network?.close();
});

const clientOf = (party: typeof clinic, now?: () => number, api: ApiClient = party.client) =>
  createSigningClient({ ledger: view.ledger, ...(now === undefined ? {} : { now }) }, { api, view });

async function perform(party: typeof clinic, key: SigningKey, journeyId: string, request: SigningRequest) {
  const client = clientOf(party);
  return client.signAndSubmit(await client.prepare(journeyId, request), key);
}

async function settled(journeyId: string): Promise<void> {
  for (;;) {
    const { body } = await oracle.operator("GET", `/journeys/${journeyId}`);
    if (body.recorded && body.pendingOperations === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function opened() {
  const coi = newIdentity();
  const answer = await clinic.api("POST", "/journeys", { chainOfIdentity: coi, flow: { name: FLOW.name, version: 1 } });
  expect(answer.status).toBe(201);
  const journeyId = answer.body.journeyId as string;
  await settled(journeyId);
  return { coi, journeyId };
}

let seconds = 0;
const eventOf = (coi: string, step: string) => {
  seconds += 1;
  const eventTime = new Date(Date.now() - 600_000 + seconds * 1000).toISOString();
  return objectEvent({ eventTime, "threadline:chainOfIdentity": coi, "threadline:step": step });
};
const capture = (...events: unknown[]): SigningRequest => ({ act: "custody-event", document: documentOf(...events) });

/** A journey with its collection signed by the clinic itself. */
async function collected() {
  const journey = await opened();
  expect((await perform(clinic, keys.clinic, journey.journeyId, capture(eventOf(journey.coi, "collect")))).status).toBe(202);
  await settled(journey.journeyId);
  return journey;
}

/** What an operator with the database in hand could put in the outbox; answers what became of it. */
async function forced(operation: NewOperation) {
  await oracle.database.transaction().execute((transaction) => enqueueOperation(transaction, operation));
  relay.notify();
  for (;;) {
    const row = await oracle.database
      .selectFrom("ledger_operations")
      .select(["status", "error"])
      .where("idempotency_key", "=", operation.idempotencyKey)
      .executeTakeFirstOrThrow();
    if (row.status === "recorded" || row.status === "refused") return row;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe("custody events under the participant's own key", () => {
  it("are refused without it, and recorded with its account as signer", async () => {
    const { coi, journeyId } = await opened();
    const event = eventOf(coi, "collect");
    const bare = await clinic.api("POST", "/capture", documentOf(event));
    expect(bare).toMatchObject({ status: 403 });
    expect(bare.body.detail ?? bare.body.title).toContain("signed");
    const signed = await perform(clinic, keys.clinic, journeyId, capture(event, eventOf(coi, "receive")));
    expect(signed).toMatchObject({ status: 202, body: { events: [{ sequence: 0, signer: keys.clinic.account.toLowerCase() }, { sequence: 1 }] } });
    await settled(journeyId);
    const { body } = await certifier.api("GET", `/journeys/${journeyId}/events`);
    expect(body.events.map((each: { sequence: number; step: string; exceptions: string[] }) => [each.sequence, each.step, each.exceptions])).toEqual([
      [0, "collect", []],
      [1, "receive", []],
    ]);
  });

  it("the signature is of this text, journey, place and signer", async () => {
    const { coi, journeyId } = await opened();
    const other = await opened();
    const event = eventOf(coi, "collect");
    const sent: { path: string; body: never }[] = [];
    const recording: ApiClient = { ...clinic.client, post: (path, body) => {
      sent.push({ path, body: body as never });
      return path.endsWith("/signed-captures") ? Promise.resolve({ status: 202, body: {} as never, headers: new Headers() }) : clinic.client.post(path, body);
    } };
    const client = clientOf(clinic, undefined, recording);
    await client.signAndSubmit(await client.prepare(journeyId, capture(event)), keys.clinic);
    const { path, body } = present(sent.at(-1)) as { path: string; body: { document: object; signatures: { salt: string; sequence: number; signature: string }[] } };
    const [signature] = body.signatures;
    const changed = { ...body, document: documentOf({ ...event, bizStep: "shipping" }) };
    expect(await clinic.api("POST", path, changed)).toMatchObject({ status: 403, body: { type: expect.stringContaining("signature-not-yours") } });
    const salted = { ...body, signatures: [{ ...signature, salt: `0x${"11".repeat(32)}` }] };
    expect((await clinic.api("POST", path, salted)).status).toBe(403);
    const elsewhere = { ...body, document: documentOf({ ...event, "threadline:chainOfIdentity": other.coi }) };
    expect((await clinic.api("POST", path, elsewhere)).status).toBe(409);
    expect((await clinic.api("POST", path.replace(journeyId, other.journeyId), elsewhere)).status).toBe(403);
    expect((await clinic.api("POST", path, { ...body, signatures: [{ ...signature, sequence: 1 }] })).status).toBe(409);
    expect((await factory.api("POST", path, body)).status).toBe(403);
    expect(await clinic.api("POST", path, body)).toMatchObject({ status: 202, body: { captureId: expect.any(String) } });
    await settled(journeyId);
    expect(await clinic.api("POST", path, body)).toMatchObject({ status: 202, body: { captureId: null } });
    const { body: status } = await oracle.operator("GET", `/journeys/${journeyId}`);
    expect(status.eventCount).toBe(1);
  });

  it("one whose place was taken is refused by the ledger, and goes there when it is signed anew", async () => {
    const { coi, journeyId } = await opened();
    await relay.close();
    const [lost, later] = [capture(eventOf(coi, "collect")), capture(eventOf(coi, "receive"))];
    await perform(clinic, keys.clinic, journeyId, lost);
    await perform(clinic, keys.clinic, journeyId, later);
    const operations = await oracle.database.selectFrom("ledger_operations").selectAll().where("journey_id", "=", journeyId).where("kind", "=", "custody-event").orderBy("operation_number").execute();
    expect(operations).toHaveLength(2);
    await oracle.database.updateTable("ledger_operations").set({ status: "refused", error: "lost" }).where("idempotency_key", "=", present(operations[0]).idempotency_key).execute();
    relay = newRelay();
    relay.start();
    await settled(journeyId);
    const { body } = await oracle.operator("GET", `/journeys/${journeyId}`);
    expect(body.refusedOperations.map(({ error }: { error: string }) => error)).toEqual(["lost", expect.stringContaining("signature-stale")]);
    for (const request of [lost, later]) expect((await perform(clinic, keys.clinic, journeyId, request)).status).toBe(202);
    await settled(journeyId);
    const { body: after } = await oracle.operator("GET", `/journeys/${journeyId}`);
    expect(after).toMatchObject({ eventCount: 2, refusedOperations: [] });
  });
});

describe("a gate that asks for a person's own key", () => {
  const release = (body: object, by = certifier.api, journeyId = "") => by("POST", `/journeys/${journeyId}/releases`, { gate: "certification", ...body });

  it("is refused to the hosted key, by the API and by the ledger", async () => {
    const { journeyId } = await collected();
    for (const by of [qualified.api, certifier.api])
      expect(await release({}, by, journeyId)).toMatchObject({ status: 403, body: { type: expect.stringContaining("own-key-required") } });
    const payload = { journeyId, gate: 0, participantId: qualified.participantId };
    const byHost = await forced({ idempotencyKey: `forged-1:${journeyId}`, kind: "release-gate", journeyId, payload });
    expect(byHost).toMatchObject({ status: "refused", error: expect.stringContaining("ReleaseRegisterHostedKey") });
    const own = { ...payload, account: keys.certifier.account };
    const byOwn = await forced({ idempotencyKey: `forged-2:${journeyId}`, kind: "release-gate", journeyId, payload: own });
    expect(byOwn).toMatchObject({ status: "refused", error: expect.stringContaining("account-not-hosted") });
  });

  it("takes the signature of this person, record, gate, journey, chain, contract and day, and no other", async () => {
    const { journeyId } = await collected();
    const other = await collected();
    const { chainId, addresses } = network.ledger;
    const head = await view.head(journeyId);
    const now = Math.floor(Date.now() / 1000);
    const value = { journeyId, gate: 0, head, signedAt: now };
    const domain = threadlineDomain(chainId, addresses.releaseRegister);
    const signed = async (change: Partial<typeof value> = {}, signer = keys.certifier.wallet, over = domain) => {
      const signature = await signer.signTypedData(over, RELEASE_DECISION_TYPES, { ...value, ...change });
      return { head, signedAt: new Date(1000 * (change.signedAt ?? now)).toISOString(), signature };
    };
    const forgeries: [string, Awaited<ReturnType<typeof signed>>, string][] = [
      ["a stranger's key", await signed({}, Wallet.createRandom()), "signature-not-yours"],
      ["the clinic's key", await signed({}, keys.clinic.wallet), "signature-not-yours"],
      ["another gate", await signed({ gate: 1 }), "signature-not-yours"],
      ["another journey", await signed({ journeyId: other.journeyId }), "signature-not-yours"],
      ["another chain", await signed({}, keys.certifier.wallet, threadlineDomain(1n, addresses.releaseRegister)), "signature-not-yours"],
      ["another contract", await signed({}, keys.certifier.wallet, threadlineDomain(chainId, addresses.custodyLedger)), "signature-not-yours"],
      ["another time", { ...(await signed()), signedAt: new Date(1000 * (now - 60)).toISOString() }, "signature-not-yours"],
      ["a day and a minute ago", await signed({ signedAt: now - 86_460 }), "signature-stale"],
      ["ten minutes ahead", await signed({ signedAt: now + 600 }), "signature-stale"],
      ["no signature", { ...(await signed()), signature: `0x${"00".repeat(65)}` }, "signature-invalid"],
    ];
    for (const [what, body, code] of forgeries)
      expect(await release(body, certifier.api, journeyId), what).toMatchObject({ status: 403, body: { type: expect.stringContaining(code) } });
    const staleHead = await view.head(other.journeyId);
    const moved = { ...(await signed({ head: staleHead })), head: staleHead };
    expect(await release(moved, certifier.api, journeyId)).toMatchObject({ status: 409, body: { type: expect.stringContaining("record-moved-on") } });
    const forged = { head, signedAt: now, signature: (await signed({}, Wallet.createRandom())).signature };
    const payload = { journeyId, gate: 0, participantId: qualified.participantId, own: forged };
    const relayed = await forced({ idempotencyKey: `forged-3:${journeyId}`, kind: "release-gate", journeyId, payload });
    expect(relayed).toMatchObject({ status: "refused", error: expect.stringContaining("ReleaseRegisterNotAuthorised") });
    const genuine = await signed();
    expect(await release(genuine, certifier.api, journeyId)).toMatchObject({ status: 201, body: { signer: keys.certifier.account.toLowerCase() } });
    expect(await release(genuine, certifier.api, journeyId)).toMatchObject({ status: 201 });
    const again = await signed({ signedAt: now + 1 });
    expect(await release(again, certifier.api, journeyId)).toMatchObject({ status: 409, body: { type: expect.stringContaining("already-released") } });
  });

  it("is released through the client, which shows what it means and signs on the head it made itself", async () => {
    const { journeyId } = await collected();
    const client = clientOf(certifier);
    const checked = await client.prepare(journeyId, { act: "release", gate: "certification" });
    expect(checked.signer).toMatchObject({ account: keys.certifier.account, name: "Q. Person" });
    expect(checked.statements).toMatchObject([{ meaning: expect.stringContaining("Certification (certification)"), recordHash: await view.head(journeyId) }]);
    await expect(client.signAndSubmit(checked, keys.nurse)).rejects.toMatchObject({ code: "another-account" });
    expect((await client.signAndSubmit(checked, keys.certifier)).status).toBe(201);
    const shipment = await certifier.api("POST", `/journeys/${journeyId}/releases`, { gate: "shipment" });
    expect(shipment).toMatchObject({ status: 403, body: { type: expect.stringContaining("own-signature-required") } });
    expect((await qualified.api("POST", `/journeys/${journeyId}/releases`, { gate: "shipment" })).status).toBe(201);
    const { body } = await qualified.api("GET", `/journeys/${journeyId}/signatures`);
    const transactionHash = expect.stringMatching(/^0x[0-9a-f]{64}$/);
    expect(body.signatures).toMatchObject([
      { act: "custody-event", signer: { name: null, organisation: "Clinic that signs itself", account: keys.clinic.account.toLowerCase(), hostedKey: false }, signedAt: null, transactionHash },
      { act: "release", signer: { name: "Q. Person", account: keys.certifier.account.toLowerCase(), hostedKey: false }, recordHash: await view.head(journeyId), transactionHash },
      { act: "release", meaning: expect.stringContaining("Release for shipment"), signer: { name: null, hostedKey: true }, transactionHash },
    ]);
    const { body: seen } = await clinic.api("GET", `/journeys/${journeyId}/signatures`);
    expect(seen.signatures[1].signer.name).toBe("Q. Person");
  });
});

describe("an oracle that lies", () => {
  type Answered = { flow: { documentHash: string }; statements: { typedData: { domain: Record<string, string>; primaryType: string; message: Record<string, unknown> }; facts: Record<string, any> }[] }; // eslint-disable-line @typescript-eslint/no-explicit-any
  const never: SigningKey = { account: "0x", sign: () => Promise.reject(new Error("signed")) };

  async function refused(party: typeof clinic, journeyId: string, request: SigningRequest, lie: (answer: Answered) => void) {
    const lying: ApiClient = {
      ...party.client,
      async post(path, body) {
        const answer = await party.client.post(path, body);
        if (path.endsWith("/signing-requests")) lie(answer.body as never);
        return answer as never;
      },
    };
    const client = clientOf(party, undefined, lying);
    await expect(client.prepare(journeyId, request).then((checked) => client.signAndSubmit(checked, never))).rejects.toMatchObject({ code: "not-what-was-asked" });
  }

  it("gets nothing signed but what was asked for", async () => {
    const { journeyId } = await collected();
    const other = await collected();
    const request: SigningRequest = { act: "release", gate: "certification" };
    const first = (answer: Answered) => present(answer.statements[0]);
    const lies: ((answer: Answered) => void)[] = [
      (answer) => void (first(answer).typedData.message["gate"] = 1),
      (answer) => void (first(answer).typedData.message["journeyId"] = other.journeyId),
      (answer) => void (first(answer).typedData.message["head"] = `0x${"22".repeat(32)}`),
      (answer) => void (first(answer).typedData.message["more"] = 1),
      (answer) => void (first(answer).typedData.domain["chainId"] = "1"),
      (answer) => void (first(answer).typedData.domain["verifyingContract"] = network.ledger.addresses.dispositionRegister),
      (answer) => void (first(answer).typedData.primaryType = "DispositionDecision"),
      (answer) => void (answer.flow.documentHash = `0x${"33".repeat(32)}`),
      (answer) => void first(answer).facts["record"].events.pop(),
      (answer) => void (first(answer).facts["record"].journeyId = other.journeyId),
      (answer) => void answer.statements.push(first(answer)),
      (answer) => void answer.statements.pop(),
    ];
    for (const lie of lies) await refused(certifier, journeyId, request, lie);
    // A record and a head that go together, but are not the ledger's.
    const stranger = await clientOf(certifier).prepare(other.journeyId, request);
    await refused(certifier, journeyId, request, (answer) => {
      const record = { ...(present(stranger.statements[0]).facts["record"] as object), journeyId };
      first(answer).facts["record"] = record;
      first(answer).typedData.message["head"] = headOf(record as JourneyRecord);
    });
  });

  it("gets no event committed to but the signer's own", async () => {
    const { coi, journeyId } = await opened();
    const request = capture(eventOf(coi, "collect"));
    const lies: ((statement: Answered["statements"][number]) => void)[] = [
      ({ typedData }) => void (typedData.message["commitment"] = `0x${"44".repeat(32)}`),
      ({ typedData }) => void (typedData.message["step"] = 1),
      ({ typedData }) => void (typedData.message["occurredAt"] = 1),
      ({ facts }) => void (facts["salt"] = `0x${"55".repeat(32)}`),
    ];
    for (const lie of lies) await refused(clinic, journeyId, request, (answer) => lie(present(answer.statements[0])));
  });
});

describe("identity checks, grants and exceptions under own keys", () => {
  it("a scan waits for the signature of the person who scanned, and is proven after it", async () => {
    const { coi, journeyId } = await collected();
    const scan = await nurse.api("POST", "/scans", { raw: `&/${coi}`, journeyId, step: "receive" });
    const linkedCommitment = scan.body.identityCheck as string;
    const check = async () => (await oracle.operator("GET", `/journeys/${journeyId}/identity-checks`)).body.identityChecks[0];
    expect(await check()).toMatchObject({ status: "unsigned", account: keys.nurse.account });
    const request: SigningRequest = { act: "identity-check", linkedCommitment, step: "receive", chainOfIdentity: coi };
    await expect(clientOf(clinic).prepare(journeyId, request)).rejects.toMatchObject({ code: "api-refused", message: expect.stringContaining("scanned") });
    await expect(clientOf(nurse).prepare(journeyId, { ...request, chainOfIdentity: newIdentity() })).rejects.toMatchObject({ code: "not-what-was-asked" });
    await expect(clientOf(nurse).prepare(journeyId, { ...request, step: "collect" })).rejects.toMatchObject({ code: "not-what-was-asked" });
    const client = clientOf(nurse);
    const checked = await client.prepare(journeyId, request);
    const impostor = { ...keys.clinic, account: keys.nurse.account };
    expect(await client.signAndSubmit(checked, impostor)).toMatchObject({ status: 403, body: { type: expect.stringContaining("another-person") } });
    expect((await client.signAndSubmit(checked, keys.nurse)).status).toBe(202);
    for (let look = await check(); look.status !== "recorded"; look = await check()) await new Promise((resolve) => setTimeout(resolve, 50));
    const recorded = await oracle.database.selectFrom("chain_identity_checks").select("signer").where("linked_commitment", "=", linkedCommitment).executeTakeFirst();
    expect(recorded?.signer).toBe(keys.nurse.account.toLowerCase());
  }, 60_000);

  it("a grant and its revocation are the signer's, for the recipient's own key", async () => {
    const { journeyId } = await collected();
    const publicKey = { kty: "OKP", crv: "X25519", x: Buffer.alloc(32, 9).toString("base64url") };
    const { body } = await factory.api("POST", "/encryption-keys", { publicKey });
    const request: SigningRequest = { act: "access-grant", recipient: factory.gln, scopes: ["content"], keyThumbprint: body.thumbprint };
    const hosted = await clinic.api("POST", `/journeys/${journeyId}/grants`, { recipient: factory.gln, scopes: ["content"] });
    expect(hosted).toMatchObject({ status: 403, body: { type: expect.stringContaining("own-signature-required") } });
    await expect(clientOf(clinic).prepare(journeyId, { ...request, keyThumbprint: `0x${"66".repeat(32)}` } as never)).rejects.toMatchObject({ code: "not-what-was-asked" });
    const granted = await perform(clinic, keys.clinic, journeyId, request);
    expect(granted.status).toBe(202);
    await settled(journeyId);
    const grantId = granted.body["grantId"] as string;
    expect((await perform(clinic, keys.clinic, journeyId, { act: "access-revocation", grantId })).status).toBe(202);
    await settled(journeyId);
    const row = await oracle.database.selectFrom("chain_access_grants").selectAll().where("grant_id", "=", grantId).executeTakeFirstOrThrow();
    expect([row.signer, row.revocation_signer]).toEqual([keys.clinic.account.toLowerCase(), keys.clinic.account.toLowerCase()]);
  });

  it("an exception and a disposition move on the person's own signature", async () => {
    const { journeyId } = await collected();
    await oracle.database.transaction().execute((transaction) =>
      recordException(transaction, {
        journeyId, code: "sensor-gap", leg: null, occurredAt: Math.floor(Date.now() / 1000), observed: 900, limit: 300, unit: "seconds", message: "a gap", key: "gap",
      }),
    );
    relay.notify();
    await settled(journeyId);
    const reason = "Looked at with those who were there.";
    const bare = await certifier.api("POST", `/journeys/${journeyId}/exceptions/0/transitions`, { to: "classified", reason });
    expect(bare).toMatchObject({ status: 403, body: { type: expect.stringContaining("own-signature-required") } });
    const moved = await perform(certifier, keys.certifier, journeyId, { act: "exception-transition", number: 0, to: "classified", reason });
    expect(moved).toMatchObject({ status: 201, body: { from: "detected", to: "classified", recorded: true } });
    expect((await perform(certifier, keys.certifier, journeyId, { act: "disposition", decision: "on-hold", reason })).status).toBe(201);
    const { body } = await certifier.api("GET", `/journeys/${journeyId}/disposition`);
    expect(body.history).toMatchObject([{ what: "on-hold", signer: keys.certifier.account.toLowerCase(), hostedKey: false, reason }]);
  });
});

describe("a person whose key the node keeps", () => {
  it("signs no decision without the secret once it is set, and is locked out after five wrong ones", async () => {
    const { journeyId } = await collected();
    const added = await oracle.operator("POST", `/participants/${qualified.gln}/persons`, { name: "H. Hosted" });
    const person = oracle.as(added.body.apiKey);
    const secret = "correct horse battery";
    const reason = "Held until it is looked at again.";
    const decide = (given?: string, decision = "on-hold") =>
      person("POST", `/journeys/${journeyId}/dispositions`, { decision, reason }, given === undefined ? {} : { "threadline-signing-secret": given });
    expect((await qualified.api("POST", "/signing-secret", { secret })).status).toBe(403);
    expect((await person("POST", "/signing-secret", { secret })).status).toBe(204);
    expect((await person("POST", "/signing-secret", { secret: "a secret of a thief" })).status).toBe(401);
    expect(await decide()).toMatchObject({ status: 401, body: { type: expect.stringContaining("signing-secret-required") } });
    expect(await decide(secret)).toMatchObject({ status: 201 });
    const rows = await oracle.database.selectFrom("persons").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(secret);
    const wrong = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((number) => decide(`wrong secret ${number}`, "accepted")));
    const codes = wrong.map(({ status, body }) => `${status} ${(body.type as string).split(":").at(-1)}`).sort();
    expect(codes).toEqual([...Array(2).fill("403 signing-locked"), ...Array(5).fill("403 signing-secret-wrong")]);
    expect(await decide(secret, "accepted")).toMatchObject({ status: 403, body: { type: expect.stringContaining("signing-locked") } });
    await oracle.database.updateTable("persons").set({ signing_locked_until_milliseconds: Date.now() - 1 }).where("name", "=", "H. Hosted").execute();
    expect((await decide(secret, "accepted")).status).toBe(201);
  });
});

describe("a participant with own keys only", () => {
  it("is signed for by no node, and takes no account but by its own signature", async () => {
    const { body: participant } = await oracle.operator("POST", "/participants", { gln: "9506000149301", name: "Courier", roles: ["logistics-provider"] });
    const key = newKey();
    const gln = "9506000149301";
    const { participantId } = participant;
    const own = await added(`/participants/${gln}/persons`, { name: "The courier's own account", account: key.account }, participantId);
    await forced({ idempotencyKey: `add-account:${key.account}`, kind: "add-account", journeyId: null, payload: { participantId, account: key.account, hosted: false } });
    const client = clientOf(own);
    expect((await client.requireOwnKeys(gln, keys.clinic)).status).toBe(403);
    expect(await client.requireOwnKeys(gln, key)).toMatchObject({ status: 201, body: { recorded: true } });

    const { coi, journeyId } = await collected();
    const api = oracle.as(participant.apiKey);
    expect((await api("POST", "/capture", documentOf(eventOf(coi, "receive")))).status).toBe(403);
    const payload = { journeyId, commitment: `0x${"77".repeat(32)}`, step: 1, occurredAt: Math.floor(Date.now() / 1000), participantId };
    const forgedEvent = await forced({ idempotencyKey: "forged-custody", kind: "custody-event", journeyId, payload });
    expect(forgedEvent).toMatchObject({ status: "refused", error: expect.stringContaining("CustodyLedgerInvalidSignature") });

    const person = { name: "Another", account: Wallet.createRandom().address };
    expect(await oracle.operator("POST", `/participants/${gln}/persons`, person)).toMatchObject({ status: 403, body: { type: expect.stringContaining("endorsement-required") } });
    const account = Wallet.createRandom().address;
    const forgedAccount = await forced({ idempotencyKey: "forged-account", kind: "add-account", journeyId: null, payload: { participantId, account, hosted: false } });
    expect(forgedAccount).toMatchObject({ status: "refused", error: expect.stringContaining("ParticipantRegistryEndorsementRequired") });

    const endorsement = await client.endorse(gln, person.account, key);
    expect((await oracle.operator("POST", `/participants/${gln}/persons`, { ...person, account: Wallet.createRandom().address, endorsement })).status).toBe(403);
    expect((await oracle.operator("POST", `/participants/${gln}/persons`, { ...person, endorsement })).status).toBe(201);
    expect(await forced({ idempotencyKey: `add-account:${person.account}`, kind: "add-account", journeyId: null, payload: { participantId, account: person.account, hosted: false } })).toMatchObject({ status: "recorded" });
  });
});

describe("the read model", () => {
  it("has what the chain has", async () => {
    await relay.flush();
    await indexer.catchUp();
    expect(await stateDigest(oracle.database)).toBe(await chainDigest(network.ledger));
  });
});
