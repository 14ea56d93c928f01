import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Indexer } from "../../../services/ledger/indexer.ts";
import type { Relay } from "../../../services/ledger/relay.ts";
import { startLedgerOracle } from "../../oracle/ledger-oracle.ts";
import type { LedgerOracle } from "../../oracle/ledger-oracle.ts";
import { documentOf, newIdentity, objectEvent } from "../../oracle/support.ts";
import type { TestOracle } from "../../oracle/support.ts";
import type { LedgerNetwork } from "../../support/ledger-network.ts";
import { threadline } from "../../support/threadline.ts";

const FLOW = {
  name: "signed-on-the-command-line",
  version: 1,
  lateEntryToleranceSeconds: 86_400,
  handoverToleranceSeconds: 3_600,
  profiles: [],
  steps: [{ step: "collect", title: "Collected", roles: ["apheresis-centre"], custody: "take" }],
  legs: [],
  gates: [{ gate: "certification", title: "Certification", roles: ["qualified-person"], requiredSteps: ["collect"], ownKey: true }],
};
const PASSPHRASE = "a passphrase of a test";

let ledgerOracle: LedgerOracle;
let network: LedgerNetwork;
let oracle: TestOracle;
let relay: Relay;
let indexer: Indexer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "threadline-sign-"));
  ledgerOracle = await startLedgerOracle();
  ({ network, oracle, relay, indexer } = ledgerOracle);
  writeFileSync(join(folder, "addresses.json"), JSON.stringify(network.ledger.addresses));
  await oracle.operator("POST", "/flows", FLOW);
}, 120_000);

afterAll(async () => {
  await ledgerOracle?.close();
  rmSync(folder, { recursive: true });
});

/** The command line as a party runs it: with its API key, its key file and the addresses it trusts. */
function run(apiKey: string, args: string[], passphrase = PASSPHRASE) {
  const environment = { THREADLINE_HOME: folder, THREADLINE_API_URL: oracle.url, THREADLINE_API_KEY: apiKey, THREADLINE_KEY_PASSPHRASE: passphrase };
  return threadline(args, environment);
}
const sign = (apiKey: string, args: string[], key: string, passphrase?: string) =>
  run(apiKey, ["sign", ...args, "--key", key, "--yes", "--rpc", network.ledger.rpcUrl, "--addresses", join(folder, "addresses.json")], passphrase);

async function makeKey(name: string): Promise<{ file: string; account: string }> {
  const file = join(folder, name);
  const { stdout, exitCode, stderr } = await run("", ["key", "make", file]);
  expect(exitCode, stderr).toBe(0);
  return { file, account: JSON.parse(stdout).account };
}

const settled = (journeyId: string) => ledgerOracle.settled(journeyId);

describe("threadline key and sign", () => {
  it("keys are made here, accounts registered there, and what is signed is shown first", async () => {
    const clinicKey = await makeKey("clinic.json");
    const certifierKey = await makeKey("certifier.json");
    const clinic = JSON.parse((await run(oracle.operatorKey, ["participant", "add", "--gln", "9506000134369", "--name", "Clinic", "--roles", "apheresis-centre", "--account", clinicKey.account])).stdout);
    expect(clinic).toMatchObject({ hosted: false, account: clinicKey.account });
    const qualified = await oracle.participant("qualified-person");
    const person = JSON.parse((await run(oracle.operatorKey, ["participant", "add-person", "--gln", qualified.gln, "--name", "Q. Person", "--account", certifierKey.account])).stdout);
    expect(person).toMatchObject({ hosted: false, name: "Q. Person" });

    const coi = newIdentity();
    const opened = await oracle.operator("POST", "/journeys", { chainOfIdentity: coi, flow: { name: FLOW.name, version: 1 } });
    const { journeyId } = opened.body;
    await settled(journeyId);
    const eventTime = new Date(Date.now() - 60_000).toISOString();
    const document = join(folder, "collect.jsonld");
    writeFileSync(document, JSON.stringify(documentOf(objectEvent({ eventTime, "threadline:chainOfIdentity": coi, "threadline:step": "collect" }))));
    const captured = await sign(clinic.apiKey, ["capture", journeyId, document], clinicKey.file);
    expect(captured, captured.stderr).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('"Collected"') });
    await settled(journeyId);

    const refused = [
      await sign(person.apiKey, ["release", journeyId, "certification"], certifierKey.file, "another passphrase"),
      await sign(person.apiKey, ["release", journeyId, "certification"], clinicKey.file),
      await sign(clinic.apiKey, ["release", journeyId, "certification"], clinicKey.file),
    ];
    expect(refused.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
    expect(refused.map(({ stderr }) => stderr.trim().split("\n").at(-1))).toEqual([
      expect.stringContaining("passphrase-wrong"),
      expect.stringContaining("another-account"),
      expect.stringContaining("is for: qualified-person"),
    ]);
    const unread = await run(person.apiKey, ["sign", "release", journeyId, "certification", "--key", certifierKey.file, "--rpc", network.ledger.rpcUrl, "--addresses", join(folder, "addresses.json")]);
    expect(unread).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("not-confirmed") });
    expect((await oracle.operator("GET", `/journeys/${journeyId}/releases`)).body.releases).toEqual([]);

    const released = await sign(person.apiKey, ["release", journeyId, "certification"], certifierKey.file);
    expect(released, released.stderr).toMatchObject({ exitCode: 0 });
    for (const shown of ["Q. Person", "Certification (certification)", certifierKey.account, journeyId]) expect(released.stderr).toContain(shown);
    expect(JSON.parse(released.stdout)).toMatchObject({ gate: "certification", signer: certifierKey.account.toLowerCase() });
    expect(readFileSync(certifierKey.file, "utf8")).not.toContain(PASSPHRASE);
  }, 120_000);

  it("ends hosted signing, and vouches for another account", async () => {
    const own = await makeKey("courier.json");
    const second = await makeKey("second.json");
    const gln = "9506000149301";
    const courier = JSON.parse((await run(oracle.operatorKey, ["participant", "add", "--gln", gln, "--name", "Courier", "--roles", "logistics-provider", "--account", own.account])).stdout);
    await relay.flush();
    await indexer.catchUp();
    const ended = await sign(courier.apiKey, ["own-keys", gln], own.file);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    const bare = await run(oracle.operatorKey, ["participant", "add-person", "--gln", gln, "--name", "Second", "--account", second.account]);
    expect(bare).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("own keys only") });
    const endorsement = join(folder, "endorsement.json");
    writeFileSync(endorsement, (await sign(courier.apiKey, ["endorsement", gln, second.account], own.file)).stdout);
    const added = await run(oracle.operatorKey, ["participant", "add-person", "--gln", gln, "--name", "Second", "--account", second.account, "--endorsement", endorsement]);
    expect(added, added.stderr).toMatchObject({ exitCode: 0 });
  }, 120_000);
});
