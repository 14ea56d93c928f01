import { journeyCipher, sealedIdentityCheck } from "../../services/store/vault/index.ts";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIndexer } from "../../services/ledger/indexer.ts";
import type { Indexer } from "../../services/ledger/indexer.ts";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import type { Relay } from "../../services/ledger/relay.ts";
import { createIdentityCoordinator } from "../../services/proving/identity-coordinator.ts";
import type { ProofQueue } from "../../services/proving/proof-queue.ts";
import { createProverPool } from "../../services/proving/prover/prover-pool.ts";
import type { ProverPool } from "../../services/proving/prover/prover-pool.ts";
import { proofHealth } from "../../services/network/work-health.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { KEYRING_SECRET, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { FLOW, newIdentity, startOracle } from "./support.ts";
import type { Api, TestOracle } from "./support.ts";

const ROOT = join(import.meta.dirname, "../..");
const STEP = "receive";

/** The test flow with a two-person identity check at a step that the gate requires. */
const flow = {
  ...FLOW,
  name: "two-person",
  steps: FLOW.steps.map((step) => (step.step === STEP ? { ...step, roles: ["treatment-centre", "manufacturing-site"], identityCheck: "two-person" } : step)),
  gates: [{ gate: "release", title: "Release", roles: ["qualified-person"], requiredSteps: [STEP] }],
};

let network: LedgerNetwork;
let oracle: TestOracle;
let relay: Relay;
let indexer: Indexer;
let pool: ProverPool;
let identities: ProofQueue;
let first: { api: Api; gln: string };
let secondPerson: Api;

beforeAll(async () => {
  network = await startLedgerNetwork();
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const logger = pino({ level: "silent" });
  pool = await createProverPool({
    workers: 1,
    circuits: ["identity-link"],
    circuitsDirectory: join(ROOT, "circuits"),
    buildDirectory: join(ROOT, "build/circuits"),
  });
  const { ledger } = network;
  const onOperation = () => relay?.notify();
  oracle = await startOracle({}, { ledger, keyring, notifications, onOperation, onIdentityCheck: () => identities?.notify() });
  const { database } = oracle;
  indexer = createIndexer({ database, ledger, notifications, logger });
  relay = createRelay({ database, ledger, signer: DEVELOPMENT_KEYS[1], keyring, logger, notifications, indexer });
  await indexer.start();
  relay.start();
  identities = coordinator();
  first = await oracle.participant("manufacturing-site");
  const person = await oracle.operator("POST", `/participants/${first.gln}/persons`, { name: "A. Second" });
  expect(person).toMatchObject({ status: 201, body: { hosted: true, name: "A. Second" } });
  secondPerson = oracle.as(person.body.apiKey);
  expect((await oracle.operator("POST", "/flows", flow)).status).toBeLessThan(300);
}, 120_000);

afterAll(async () => {
  await identities?.close();
  await pool?.close();
  await oracle?.close();
  await relay?.close();
  await indexer?.close();
  await network?.close();
});

function coordinator(): ProofQueue {
  const { ledger } = network;
  const settings = { chainId: ledger.chainId, identityChecks: ledger.addresses.identityChecks };
  const logger = pino({ level: "silent" });
  return createIdentityCoordinator(settings, { database: oracle.database, prover: pool, logger, onOperation: () => relay.notify() });
}

async function opened(by: Api = oracle.operator, extra: object = {}) {
  const coi = newIdentity();
  const { status, body } = await by("POST", "/journeys", { chainOfIdentity: coi, flow: { name: flow.name, version: 1 }, ...extra });
  expect(status).toBe(201);
  return { coi, journeyId: body.journeyId as string };
}

async function until<Value>(look: () => Promise<Value>, done: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await look();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const checksOf = async (journeyId: string) => (await oracle.operator("GET", `/journeys/${journeyId}/identity-checks`)).body.identityChecks;
const gateCheck = async (journeyId: string) => {
  const { body } = await oracle.operator("GET", `/journeys/${journeyId}/gates/release/checks`);
  return body.checks.find(({ check }: { check: string }) => check === "identity-check");
};

describe("identity checks", () => {
  it("takes two persons, each with a scan and a proof of their own", async () => {
    const { journeyId, coi } = await opened();
    const scan = { raw: `&/${coi}`, journeyId, step: STEP };
    const one = await first.api("POST", "/scans", scan);
    expect(one).toMatchObject({ status: 201, body: { matched: true, identityCheck: expect.stringMatching(/^\d+$/) } });
    await until(() => checksOf(journeyId), (list) => list[0]?.status === "recorded");
    expect(await gateCheck(journeyId)).toEqual({ check: "identity-check", name: STEP, status: "pending" });
    const two = await secondPerson("POST", "/scans", scan);
    expect(two.body.identityCheck).not.toBe(one.body.identityCheck);
    const list = await until(() => checksOf(journeyId), (checks) => checks[1]?.status === "recorded");
    expect(new Set(list.map(({ account }: { account: string }) => account)).size).toBe(2);
    expect(await gateCheck(journeyId)).toEqual({ check: "identity-check", name: STEP, status: "compliant" });
  }, 60_000);

  it("a scan of another identity that slips through the match has no proof, and is an exception", async () => {
    const { journeyId, coi } = await opened();
    await identities.close();
    const { body } = await first.api("POST", "/scans", { raw: `&/${coi}`, journeyId, step: STEP });
    const cipher = await journeyCipher(oracle.database, [journeyId]);
    const sealed = sealedIdentityCheck.seal(cipher, journeyId, body.identityCheck, { chainOfIdentity: newIdentity(), patient: null, blinding: `0x${"5".repeat(62)}` });
    await oracle.database
      .updateTable("identity_checks")
      .set({ sealed_check: sealed })
      .where("linked_commitment", "=", body.identityCheck)
      .execute();
    identities = coordinator();
    const [check] = await until(() => checksOf(journeyId), (list) => list[0]?.status !== "proving");
    expect(check.status).toBe("unprovable");
    const { body: exceptions } = await oracle.operator("GET", `/journeys/${journeyId}/exceptions`);
    expect(exceptions.exceptions.map(({ code }: { code: string }) => code)).toContain("identity-mismatch");
  }, 60_000);

  it("one that fails at every attempt holds up none behind it, is told of, and is proven once it can be", async () => {
    const [broken, sound] = [await opened(), await opened()];
    await identities.close();
    const { body } = await first.api("POST", "/scans", { raw: `&/${broken.coi}`, journeyId: broken.journeyId, step: STEP });
    const row = () => oracle.database.selectFrom("identity_checks").selectAll().where("linked_commitment", "=", body.identityCheck).executeTakeFirstOrThrow();
    const { sealed_check: sealed } = await row();
    const store = (text: string) => oracle.database.updateTable("identity_checks").set({ sealed_check: text }).where("linked_commitment", "=", body.identityCheck).execute();
    await store("sealed under no key at all");
    await first.api("POST", "/scans", { raw: `&/${sound.coi}`, journeyId: sound.journeyId, step: STEP });
    identities = coordinator();
    await until(() => checksOf(sound.journeyId), (list) => list[0]?.status === "recorded");
    const [failing] = await until(async () => identities.failing(), (list) => (list[0]?.failures ?? 0) >= 2);
    expect(failing).toMatchObject({ key: body.identityCheck });
    expect(await row()).toMatchObject({ status: "proving" });
    expect(proofHealth({ identities })).toEqual({ ok: true, identities: { failing: 1, longestFailingSeconds: expect.any(Number) } });
    expect(identities.failure()).toBeNull();
    await store(sealed);
    await until(() => checksOf(broken.journeyId), (list) => list[0]?.status === "recorded");
    expect(identities.failing()).toEqual([]);
  }, 60_000);

  it("begins none where the flow asks none, nor from a label that does not show the identity", async () => {
    const { journeyId, coi } = await opened();
    const scan = { raw: `&/${coi}`, journeyId };
    expect((await first.api("POST", "/scans", scan)).body.identityCheck).toBeNull();
    expect((await first.api("POST", "/scans", { ...scan, step: "hand-over" })).body.identityCheck).toBeNull();
    expect(await checksOf(journeyId)).toEqual([]);
  });

  it("proves the patient too where the journey has one: the wristband must name the same", async () => {
    const patient = { system: "https://hospital.example/records", value: "0815" };
    const { journeyId, coi } = await opened(first.api, { patient });
    const scan = { raw: `&/${coi}`, journeyId, step: STEP };
    expect((await first.api("POST", "/scans", scan)).body).toMatchObject({ matched: true, identityCheck: null });
    const wrong = await first.api("POST", "/scans", { ...scan, patient: { ...patient, value: "0816" } });
    expect(wrong).toMatchObject({ status: 409, body: { detail: expect.stringContaining("another patient") } });
    expect(JSON.stringify(wrong.body)).not.toContain("0816");
    const right = await first.api("POST", "/scans", { ...scan, patient });
    expect(right.body.identityCheck).toMatch(/^\d+$/);
    const [check] = await until(() => checksOf(journeyId), (list) => list[0]?.status !== "proving" && list[0]?.status !== "proven");
    expect(check.status).toBe("recorded");
    expect(JSON.stringify(check)).not.toContain("0815");
  }, 60_000);

  it("a mismatching scan begins no check and answers 409", async () => {
    const { journeyId } = await opened();
    const { status } = await first.api("POST", "/scans", { raw: `&/${newIdentity()}`, journeyId, step: STEP });
    expect(status).toBe(409);
    expect(await checksOf(journeyId)).toEqual([]);
  });

  it("adds no person for an account that signs already, and lists those there are", async () => {
    const { body } = await oracle.operator("GET", `/participants/${first.gln}/persons`);
    expect(body.persons).toHaveLength(1);
    const taken = await oracle.operator("POST", `/participants/${first.gln}/persons`, { name: "Other", account: body.persons[0].account });
    expect(taken.status).toBe(409);
    expect((await first.api("GET", `/participants/${first.gln}/persons`)).status).toBe(403);
  });
});
