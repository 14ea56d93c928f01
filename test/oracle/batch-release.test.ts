import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeviceKeys } from "../../services/device/device-keys.ts";
import { createIndexer } from "../../services/ledger/indexer.ts";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import { certificateHash, signResults, specificationSchema } from "../../services/model/quality/index.ts";
import type { BatchResults, TestResult } from "../../services/model/quality/index.ts";
import { masterRecipeHash, recipePhases } from "../../services/model/quality/master-recipe.ts";
import { createBatchProvingCoordinator } from "../../services/proving/batch-coordinator.ts";
import { createProverPool } from "../../services/proving/prover/prover-pool.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { testSpecification } from "../circuits/support/batches.ts";
import { goodDrafts, recipe, timed } from "../model/quality/support.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { KEYRING_SECRET, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { pdfText } from "../support/pdf-text.ts";
import { FLOW, newIdentity, startOracle } from "./support.ts";
import type { TestOracle } from "./support.ts";

const ROOT = join(import.meta.dirname, "../..");
const LABORATORY = "9506000134LAB1";
const keys = createDeviceKeys(new Uint8Array(32).fill(41));
const specification = specificationSchema.parse({
  ...testSpecification,
  recipeHash: masterRecipeHash(recipe()),
  phases: recipePhases(recipe()).map(({ phase, title }) => ({ phase, title })),
});

type Participant = Awaited<ReturnType<TestOracle["participant"]>>;
let network: LedgerNetwork;
let oracle: TestOracle;
let maker: Participant;
let laboratory: Participant;
let certifier: Participant;
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  network = await startLedgerNetwork();
  closers.push(() => network.close());
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const logger = pino({ level: "silent" });
  const { ledger } = network;
  const woken = { relay: (): unknown => undefined, prover: (): unknown => undefined };
  oracle = await startOracle({}, { ledger, keyring, notifications, onOperation: () => void woken.relay(), onBatchResults: () => void woken.prover() });
  closers.push(() => oracle.close());
  const { database } = oracle;
  const indexer = createIndexer({ database, ledger, notifications, logger });
  const relay = createRelay({ database, ledger, signer: DEVELOPMENT_KEYS[1], keyring, logger, notifications, indexer });
  await indexer.start();
  closers.push(() => indexer.close());
  relay.start();
  closers.push(() => relay.close());
  const prover = await createProverPool({ workers: 1, circuitsDirectory: join(ROOT, "circuits"), buildDirectory: join(ROOT, "build/circuits"), circuits: ["batch-release"] });
  closers.push(() => prover.close());
  const coordinator = createBatchProvingCoordinator(
    { chainId: ledger.chainId, batchProofs: ledger.addresses.batchProofs },
    { database, prover, logger, onOperation: () => relay.notify() },
  );
  closers.push(() => coordinator.close());
  Object.assign(woken, { relay: () => relay.notify(), prover: () => coordinator.notify() });

  maker = await oracle.participant("manufacturing-site");
  laboratory = await oracle.participant("testing-laboratory");
  certifier = await oracle.participant("qualified-person");
  await created(maker.api("POST", "/recipes", recipe()));
  const { documentHash } = await created(maker.api("POST", "/specifications", specification));
  const gates = [{ ...FLOW.gates[0], requiredSpecifications: ["release"] }];
  await created(oracle.operator("POST", "/flows", { ...FLOW, name: "batch-flow", gates, specifications: [{ name: "release", documentHash }] }));
  await created(
    oracle.operator("POST", "/devices", {
      giai: LABORATORY,
      owner: laboratory.gln,
      publicKey: keys.signingKey.publicKey.map(String),
      messageKey: keys.messageKey.publicJwk,
      calibratedFrom: "2020-01-01T00:00:00Z",
      calibratedUntil: "2099-01-01T00:00:00Z",
    }),
  );
}, 120_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function created(pending: ReturnType<TestOracle["operator"]>) {
  const { status, body } = await pending;
  expect([status, body]).toEqual([201, expect.anything()]);
  return body;
}

let batches = 0;

/** A journey whose batch was made by its recipe, with the laboratory's worksheet. */
async function madeBatch() {
  const { journeyId } = await created(oracle.operator("POST", "/journeys", { chainOfIdentity: newIdentity(), flow: { name: "batch-flow", version: 1 } }));
  const path = `/journeys/${journeyId}`;
  const batch = `https://id.example.org/transformation/R-${(batches += 1)}`;
  const equipment = [{ equipment: "9506000134BIO1", equipmentClass: "bioreactor", qualifiedFrom: "2020-01-01T00:00:00Z", qualifiedUntil: "2099-01-01T00:00:00Z" }];
  await created(maker.api("POST", `${path}/control-recipe`, { recipe: { name: "car-t-manufacture", version: 1 }, batch, equipment }));
  await created(maker.api("POST", `${path}/batch-record/entries`, { batch, entries: timed(goodDrafts()) }));
  const { body: sheet } = await laboratory.api("GET", `${path}/batch-worksheet`);
  expect(sheet).toMatchObject({ journeyId, batch, contract: network.ledger.addresses.batchProofs, specifications: [{ name: "release", number: 0 }] });
  const place = { chainId: BigInt(sheet.chainId), contract: sheet.contract, journeyId, specificationNumber: 0, specification, batch, laboratory: LABORATORY };
  const record = (changes: Record<string, Partial<TestResult> | null> = {}, more: Partial<BatchResults> = {}): BatchResults => ({
    specificationHash: sheet.specifications[0].documentHash,
    stage: "final",
    signedAt: Math.floor(Date.now() / 1000),
    salt: "5a".repeat(31),
    phases: sheet.phases,
    ...more,
    results: specification.tests.flatMap((test): TestResult[] => {
      const good = test.kind === "qualitative" ? { test: test.test, qualifier: test.expected } : { test: test.test, qualifier: "equal" as const, value: test.minimum ?? test.maximum ?? "0", unit: test.unit };
      const change = changes[test.test];
      return change === null ? [] : [{ ...good, ...change } as TestResult];
    }),
  });
  return {
    journeyId,
    path,
    place,
    record,
    post: (signed: BatchResults, by = laboratory) => by.api("POST", `${path}/batch-results`, signResults(place, "release", signed, keys.signingKey)),
    listed: async () => (await certifier.api("GET", `${path}/batch-results`)).body.results,
    /** Waits until the ledger knows the journey: before, it has nothing to answer. */
    check: async () => {
      const asked = () => certifier.api("GET", `${path}/gates/release/checks`);
      await expect.poll(async () => (await asked()).status, { timeout: 30_000, interval: 50 }).toBe(200);
      return (await asked()).body.checks.find(({ check }: { check: string }) => check === "specification");
    },
    raised: async () =>
      (await oracle.database.selectFrom("exception_details").select("code").where("journey_id", "=", journeyId).orderBy("code").execute()).map(({ code }) => code),
  };
}

async function onLedger(listed: () => Promise<{ onLedger: boolean }[]>, count = 1) {
  await expect.poll(async () => (await listed()).filter((row) => row.onLedger).length, { timeout: 60_000, interval: 100 }).toBe(count);
}

describe("a batch that meets its specification", () => {
  it("is proven, opens its gate's check, and has the certificate whose hash the ledger knows", { timeout: 90_000 }, async () => {
    const { post, record, listed, check, path, place, raised } = await madeBatch();
    const posted = await post(record());
    expect([posted.status, posted.body]).toMatchObject([201, { meetsSpecification: true, status: "proving", exceptions: [] }]);
    await onLedger(listed);
    expect(await check()).toEqual({ check: "specification", name: "release", status: "compliant" });
    expect(await raised()).toEqual([]);
    const { body } = await certifier.api("GET", `${path}/certificate-of-analysis`);
    expect(certificateHash(body.certificate)).toBe(body.certificateHash);
    const [proven] = await network.ledger.read("batchProofs", "proven", [place.journeyId, 0]);
    expect([(proven as unknown[])[0], (proven as unknown[])[3]]).toEqual([2n, body.certificateHash]);
    expect(body.ledger.transactionHash).toMatch(/^0x[0-9a-f]{64}$/);
    const again = await post(record({}, { signedAt: JSON.parse(JSON.stringify(Math.floor(Date.parse(body.certificate.signedAt) / 1000))) as number }));
    expect([again.status, again.body.status]).toEqual([200, "proven"]);
  });

  it("shows the same values in the PDF", { timeout: 60_000 }, async () => {
    const { post, record, path } = await madeBatch();
    await post(record({ viabilityPercent: { qualifier: "greater-than", value: "91.5" } }));
    const { body } = await certifier.api("GET", `${path}/certificate-of-analysis`);
    const response = await fetch(`${oracle.url}${path}/certificate-of-analysis`, { headers: { authorization: `Bearer ${certifier.key}`, accept: "application/pdf" } });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/pdf"]);
    const text = pdfText(Buffer.from(await response.arrayBuffer())).replaceAll(/\s/g, "");
    const { certificate } = body;
    const shown = [body.certificateHash, certificate.batch, certificate.laboratory, certificate.signedAt, certificate.conclusion, certificate.specification.documentHash, certificate.journeyId, certificate.salt]
      .concat(certificate.tests.flatMap((row: Record<string, string>) => [row["title"], row["criterion"], row["result"], row["verdict"]]))
      .concat(certificate.phases.flatMap((row: Record<string, string>) => [row["title"], row["startedAt"], row["completedAt"]]));
    for (const value of shown) expect(text).toContain(String(value).replaceAll(/\s/g, ""));
    expect(text).toContain("greaterthan91.5%");
    const refused = await certifier.api("GET", `${path}/certificate-of-analysis`, undefined, { accept: "text/html" });
    expect(refused.status).toBe(406);
  });

  it("goes in two stages when sterility is late, and a positive late result recalls", { timeout: 90_000 }, async () => {
    const { post, record, listed, check, raised } = await madeBatch();
    expect((await post(record({ sterility: null }, { stage: "first" }))).body).toMatchObject({ meetsSpecification: true });
    await onLedger(listed);
    expect(await check()).toMatchObject({ status: "completed" });
    const late = await post(record({ sterility: { qualifier: "positive" } }));
    expect(late.body).toMatchObject({ meetsSpecification: false, status: "recorded", exceptions: [{ code: "positive-late-result", class: "critical", observed: "positive", limit: "negative" }] });
    expect(await raised()).toEqual(["positive-late-result"]);
    expect(await check()).toMatchObject({ status: "completed" });
  });
});

describe("a batch that does not", () => {
  it("is recorded with its exceptions, and never proven", async () => {
    const { post, record, listed, check, raised, path } = await madeBatch();
    const posted = await post(record({ viabilityPercent: { value: "69.9" }, endotoxin: null }));
    expect(posted.body).toMatchObject({ meetsSpecification: false, status: "recorded" });
    expect(await raised()).toEqual(["out-of-specification", "release-test-missing"]);
    expect(await listed()).toMatchObject([{ status: "recorded", onLedger: false, reason: expect.stringContaining("out-of-specification: viabilityPercent") }]);
    expect(await check()).toMatchObject({ status: "pending" });
    expect((await certifier.api("GET", `${path}/certificate-of-analysis`)).body).toMatchObject({ certificate: { conclusion: "does-not-meet-specification" }, ledger: null });
  });

  it("is flagged when the laboratory signed other phase times than the batch record has", async () => {
    const { post, record, raised } = await madeBatch();
    const good = record();
    const phases = good.phases.map((phase, place) => (place === 0 ? { ...phase, startedAt: (phase.startedAt ?? 0) - 60 } : phase));
    expect((await post({ ...good, phases })).body).toMatchObject({ status: "recorded", exceptions: [{ code: "batch-record-mismatch", subject: "transduction" }] });
    expect(await raised()).toEqual(["batch-record-mismatch"]);
  });
});

describe("what is no laboratory's record is refused, and leaves nothing behind", () => {
  it("refuses another's signature, another journey's record, an altered result and somebody else's key", async () => {
    const [mine, other] = [await madeBatch(), await madeBatch()];
    const signed = signResults(mine.place, "release", mine.record(), keys.signingKey);
    const results = `${mine.path}/batch-results`;
    const stranger = createDeviceKeys(new Uint8Array(32).fill(42)).signingKey;
    const elsewhere = [
      laboratory.api("POST", results, signResults(mine.place, "release", mine.record(), stranger)),
      laboratory.api("POST", `${other.path}/batch-results`, signed),
      laboratory.api("POST", results, { ...signed, record: { ...signed.record, results: signed.record.results.map((result) => ("value" in result ? { ...result, value: "99.0" } : result)) } }),
      laboratory.api("POST", results, signResults({ ...mine.place, contract: `0x${"11".repeat(20)}` }, "release", mine.record(), keys.signingKey)),
      laboratory.api("POST", results, signResults({ ...mine.place, chainId: 1n }, "release", mine.record(), keys.signingKey)),
    ];
    for (const pending of elsewhere) expect((await pending).status).toBe(400);
    const second = await oracle.participant("testing-laboratory");
    expect((await second.api("POST", results, signed)).status).toBe(403);
    expect((await maker.api("POST", results, signed)).status).toBe(403);
    expect((await laboratory.api("POST", results, { ...signed, specification: "other" })).status).toBe(404);
    expect(await mine.listed()).toEqual([]);
    expect(await mine.raised()).toEqual([]);
  });

  it("refuses a specification whose recipe is unknown or has other phases", async () => {
    const unknown = { ...specification, version: 9, recipeHash: `0x${"ee".repeat(32)}` };
    expect((await maker.api("POST", "/specifications", unknown)).body.type).toBe("urn:threadline:problem:recipe-not-registered");
    const reordered = { ...specification, version: 9, phases: [...specification.phases].reverse() };
    expect((await maker.api("POST", "/specifications", reordered)).body.type).toBe("urn:threadline:problem:phases-differ");
    const changed = { ...specification, tests: specification.tests.slice(0, 3) };
    expect((await maker.api("POST", "/specifications", changed)).body.type).toBe("urn:threadline:problem:specification-exists");
    expect((await maker.api("POST", "/specifications", specification)).status).toBe(200);
  });
});
