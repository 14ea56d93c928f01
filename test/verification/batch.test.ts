import { Contract, JsonRpcProvider, NonceManager, Wallet, id } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArtifact } from "../../scripts/deploy/artifacts.ts";
import { flowSchema, flowDocument } from "../../services/model/custody/flow.ts";
import { flowToLedger } from "../../services/model/custody/flow-to-ledger.ts";
import { participantIdOf } from "../../services/model/custody/identifiers.ts";
import { rolesToBitmap } from "../../services/model/custody/roles.ts";
import { specificationDocument, specificationDocumentHash } from "../../services/model/quality/index.ts";
import { topicOf } from "../../services/verification/decode-log.ts";
import type { RawLog } from "../../services/verification/decode-log.ts";
import type { LedgerEventName } from "../../services/verification/ledger-events.ts";
import { readShippedVerificationKey } from "../../services/verification/verification-key.ts";
import { verifyJourney } from "../../services/verification/verify.ts";
import { laboratoryKey, testSpecification } from "../circuits/support/batches.ts";
import { commitmentsOf, LABORATORY, proveBatches, recordAt } from "../contracts/support/proven-batches.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { CHAIN_ID, startLedgerFixture } from "./support/ledger-fixture.ts";
import type { LedgerFixture } from "./support/ledger-fixture.ts";
import { FLOW } from "./support/flow.ts";
import { startTamperingProxy } from "./support/tampering-proxy.ts";
import type { Tamper } from "./support/tampering-proxy.ts";

const JOURNEY = id("a proven batch");
const OWNER = participantIdOf("4006381000071");
let fixture: LedgerFixture;
let provider: JsonRpcProvider;
let devices: Contract;

const flow = flowSchema.parse({
  ...FLOW,
  name: "batch-verification",
  specifications: [{ name: "release", documentHash: specificationDocumentHash(testSpecification) }],
  gates: FLOW.gates.map((gate) => ({ ...gate, requiredSpecifications: ["release"] })),
});

beforeAll(async () => {
  fixture = await startLedgerFixture();
  const { addresses, anvil } = fixture;
  provider = new JsonRpcProvider(anvil.rpcUrl, CHAIN_ID, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
  const oracle = new NonceManager(new Wallet(DEVELOPMENT_KEYS[0], provider));
  const at = (name: "ParticipantRegistry" | "DeviceRegistry" | "FlowRegistry" | "CustodyLedger" | "SpecificationRegistry" | "BatchProofs", address: string) => new Contract(address, readArtifact(name).abi, oracle);
  const send = async (contract: Contract, method: string, ...parameters: unknown[]) => {
    const response = (await contract.getFunction(method)(...parameters)) as { wait(): Promise<unknown> };
    await response.wait();
  };
  devices = at("DeviceRegistry", addresses.deviceRegistry);
  const present = (await provider.getBlock("latest"))?.timestamp ?? 0;
  await send(at("ParticipantRegistry", addresses.participantRegistry), "register", OWNER, rolesToBitmap(["testing-laboratory"]), Wallet.createRandom().address, false);
  await send(devices, "enrol", LABORATORY, OWNER, ...laboratoryKey.publicKey, id("message key"), 0);
  await send(devices, "recordCalibration", LABORATORY, present - 86_400, present + 86_400);
  await send(at("SpecificationRegistry", addresses.specificationRegistry), "register", specificationDocument(testSpecification), commitmentsOf(testSpecification));
  await send(at("FlowRegistry", addresses.flowRegistry), "register", flowDocument(flow), flowToLedger(flow));
  await send(at("CustodyLedger", addresses.custodyLedger), "openJourney", JOURNEY, 2, id("identity"));
  const place = { chainId: CHAIN_ID, batchProofs: addresses.batchProofs, journeyId: JOURNEY, specification: 0 };
  const proven = await proveBatches(place, [recordAt(present - 100)]);
  await send(at("BatchProofs", addresses.batchProofs), "submit", JOURNEY, 0, proven[0]);
}, 240_000);

afterAll(async () => {
  provider.destroy();
  await fixture.close();
});

type VerificationKey = Awaited<ReturnType<typeof readShippedVerificationKey>>;

async function batchOf(rpcUrl = fixture.anvil.rpcUrl, batchVerificationKey?: VerificationKey) {
  const report = await verifyJourney({ rpcUrl, addresses: fixture.addresses, journeyId: JOURNEY, ...(batchVerificationKey === undefined ? {} : { verificationKeys: { "batch-release": batchVerificationKey } }) });
  return report.checks.find(({ name }) => name === "batch");
}

async function tampered(name: LedgerEventName, change: (log: RawLog) => RawLog | null) {
  const tamper: Tamper = (method, result) =>
    method !== "eth_getLogs" ? result : (result as RawLog[]).flatMap((log) => (log.topics[0] === topicOf(name) ? [change(log)].filter((changed) => changed !== null) : [log]));
  const proxy = await startTamperingProxy(fixture.anvil.rpcUrl, tamper);
  try {
    return await batchOf(proxy.rpcUrl);
  } finally {
    await proxy.close();
  }
}

const word = (log: RawLog, place: number, change: (text: string) => string): RawLog => {
  const start = 2 + 64 * place;
  return { ...log, data: log.data.slice(0, start) + change(log.data.slice(start, start + 64)) + log.data.slice(start + 64) };
};
const flip = (text: string) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

describe("the check of the batch", () => {
  it("verifies the proof anew, from the chain alone", async () => {
    expect(await batchOf()).toMatchObject({ status: "pass", detail: "1 batch proof of 1 specification verified against the local key" });
  });

  it.each<[string, LedgerEventName, (log: RawLog) => RawLog | null, RegExp]>([
    ["a commitment that is not the document's", "SpecificationRegistered", (log) => word(log, 1, flip), /commitments registered/],
    ["a document that is not the hash's", "SpecificationRegistered", (log) => ({ ...log, data: log.data.replace(Buffer.from("70.0").toString("hex"), Buffer.from("10.0").toString("hex")) }), /not the one that its hash names/],
    ["a registration left out", "SpecificationRegistered", () => null, /never registered/],
    ["another certificate", "BatchProven", (log) => word(log, 5, flip), /submits another proof/],
    ["another stage", "BatchProven", (log) => word(log, 0, () => "1".padStart(64, "0")), /submits another proof/],
    ["another document", "BatchProven", (log) => word(log, 1, flip), /another specification than the flow names/],
    ["a laboratory's key that is another's", "DeviceEnrolled", (log) => (log.topics[1] === LABORATORY ? word(log, 1, flip) : log), /does not hold/],
    ["a key without qualification", "DeviceCalibrated", (log) => (log.topics[1] === LABORATORY ? null : log), /no calibration/],
    ["an owner without the duty", "ParticipantRegistered", (log) => (log.topics[1] === OWNER ? word(log, 1, () => "4".padStart(64, "0")) : log), /no duty as a testing laboratory/],
  ])("finds %s", async (_, name, change, expected) => {
    const check = await tampered(name, change);
    expect(check?.status).toBe("fail");
    expect(check?.detail).toMatch(expected);
  });

  it("finds a verifier made from another key", async () => {
    const key = await readShippedVerificationKey("batch-release");
    const [first = [], second = [], ...others] = key.IC;
    expect(await batchOf(undefined, { ...key, IC: [second, first, ...others] })).toMatchObject({ status: "fail", detail: expect.stringContaining("does not hold") });
  });

  it("finds a key that is revoked from before it signed, also by what is known only now", async () => {
    const response = (await devices.getFunction("revoke")(LABORATORY, 1)) as { wait(): Promise<unknown> };
    await response.wait();
    expect((await batchOf())?.detail).toMatch(/revoked from before it signed/);
  });
});
