import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderVerify } from "../../services/verification/render.ts";
import { readShippedVerificationKey } from "../../services/verification/verification-key.ts";
import { verifyJourney } from "../../services/verification/verify.ts";
import type { VerifyReport } from "../../services/verification/verify.ts";
import { custodyExceptionKey } from "../../services/model/custody/commitments.ts";
import { codeToBytes32 } from "../../services/model/custody/identifiers.ts";
import { freePort } from "../support/anvil.ts";
import { startLedgerFixture, DEVICE_ID } from "./support/ledger-fixture.ts";
import type { Journey, LedgerFixture } from "./support/ledger-fixture.ts";
import { recentStart, recordUntilReleasable } from "./support/proven-leg.ts";
import { startTamperingProxy } from "./support/tampering-proxy.ts";
import type { Tamper } from "./support/tampering-proxy.ts";
import { topicOf } from "../../services/verification/decode-log.ts";
import type { LedgerEventName } from "../../services/verification/ledger-events.ts";
import type { RawLog } from "../../services/verification/decode-log.ts";

let fixture: LedgerFixture;
let journey: Journey;

const verify = (rpcUrl = fixture.anvil.rpcUrl, journeyId = journey.journeyId) =>
  verifyJourney({ rpcUrl, addresses: fixture.addresses, journeyId });
const statusOf = (report: VerifyReport, name: string) => report.checks.find((check) => check.name === name)?.status;
const failing = (report: VerifyReport) => report.checks.filter(({ status }) => status !== "pass").map(({ name }) => name);

async function verifyTampered(tamper: Tamper): Promise<VerifyReport> {
  const proxy = await startTamperingProxy(fixture.anvil.rpcUrl, tamper);
  try {
    return await verify(proxy.rpcUrl);
  } finally {
    await proxy.close();
  }
}

/** Changes the logs of one event only; null leaves one out. */
function tamperLogs(name: LedgerEventName, change: (log: RawLog, place: number) => RawLog | null): Tamper {
  return (method, result) => {
    if (method !== "eth_getLogs") return result;
    let place = 0;
    return (result as RawLog[]).flatMap((log) => (log.topics[0] === topicOf(name) ? [change(log, place++)].filter((changed) => changed !== null) : [log]));
  };
}

function withWord(log: RawLog, word: number, change: (text: string) => string): RawLog {
  const start = 2 + 64 * word;
  return { ...log, data: log.data.slice(0, start) + change(log.data.slice(start, start + 64)) + log.data.slice(start + 64) };
}

const flipLast = (text: string) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

beforeAll(async () => {
  fixture = await startLedgerFixture();
  journey = await fixture.openJourney("COI-0001");
  await recordUntilReleasable(fixture, journey, recentStart());
}, 240_000);

afterAll(async () => fixture?.close());

describe("a journey still under way", () => {
  it("is not compliant, and only because its gate is not released", async () => {
    const report = await verify();
    expect(failing(report)).toEqual(["completion"]);
    expect(report).toMatchObject({ verdict: "not-compliant", exitCode: 1 });
    expect(report.checks.at(-1)?.problems).toEqual(["gate certification is not released"]);
  });
});

describe("a released journey", () => {
  beforeAll(async () => {
    await fixture.release(journey, "certification");
    await fixture.record(journey, "pack", "manufacturer", recentStart() + 5_000);
  });

  it("is compliant: every check passes and both proofs are verified", async () => {
    const report = await verify();
    expect(report.checks.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(report).toMatchObject({ verdict: "compliant", exitCode: 0, summary: { events: 7, proofs: 2, releases: ["certification"] } });
    expect(report.checks.find(({ name }) => name === "segment-proofs")?.detail).toBe("2 of 2 proofs verified against the local key");
    expect(renderVerify(report)).toMatch(/Verdict: COMPLIANT \(exit code 0\)\n$/);
  });

  it("fails against another verification key", async () => {
    const key = await readShippedVerificationKey("condition-segment");
    const other = { ...key, vk_alpha_1: [...(key.IC[0] ?? [])] };
    const report = await verifyJourney({ rpcUrl: fixture.anvil.rpcUrl, addresses: fixture.addresses, journeyId: journey.journeyId, verificationKeys: { "condition-segment": { ...other, IC: [...key.IC.slice(1), key.vk_alpha_1] } } });
    expect(failing(report)).toEqual(expect.arrayContaining(["segment-proofs"]));
    expect(report.exitCode).toBe(1);
    const unknown = { ...key, vk_alpha_1: [...(key.vk_alpha_1.slice(0, 1)), "12345678901234567890", "1"] };
    const second = await verifyJourney({ rpcUrl: fixture.anvil.rpcUrl, addresses: fixture.addresses, journeyId: journey.journeyId, verificationKeys: { "condition-segment": unknown } });
    expect(statusOf(second, "verifying-key")).toBe("fail");
  });

  it("accepts a node that refuses wide ranges of blocks", async () => {
    const report = await verifyTampered((method, result, params) => {
      const [filter] = params as { fromBlock: string; toBlock: string }[];
      if (method === "eth_getLogs" && filter !== undefined && Number(filter.toBlock) - Number(filter.fromBlock) > 9) throw new Error("range too wide");
      return result;
    });
    expect(report.exitCode).toBe(0);
  });
});

describe("a node that lies about a released journey", () => {
  const cases: [string, Tamper, string[]][] = [
    ["a commitment", tamperLogs("CustodyEventRecorded", (log, place) => (place === 2 ? withWord(log, 1, flipLast) : log)), ["hash-chain", "signatures"]],
    ["a time of occurrence", tamperLogs("CustodyEventRecorded", (log, place) => (place === 1 ? withWord(log, 3, flipLast) : log)), ["hash-chain", "signatures"]],
    ["a record time", tamperLogs("CustodyEventRecorded", (log, place) => (place === 1 ? withWord(log, 4, flipLast) : log)), ["hash-chain"]],
    ["a step", tamperLogs("CustodyEventRecorded", (log, place) => (place === 5 ? withWord(log, 2, (text) => `${text.slice(0, -1)}0`) : log)), ["hash-chain", "signatures", "custody-rules"]],
    ["a head", tamperLogs("CustodyEventRecorded", (log, place) => (place === 3 ? withWord(log, 5, flipLast) : log)), ["hash-chain"]],
    ["a signature's s", tamperLogs("CustodyEventRecorded", (log, place) => (place === 3 ? withWord(log, 7, flipLast) : log)), ["hash-chain", "signatures"]],
    ["an event left out", tamperLogs("CustodyEventRecorded", (log, place) => (place === 5 ? null : log)), ["hash-chain", "custody-rules", "releases"]],
    ["the last event left out", tamperLogs("CustodyEventRecorded", (log, place) => (place === 6 ? null : log)), ["hash-chain"]],
    ["a segment left out", tamperLogs("SegmentProven", (log, place) => (place === 0 ? null : log)), ["segment-proofs", "coverage", "releases"]],
    ["a segment's readings", tamperLogs("SegmentProven", (log, place) => (place === 0 ? withWord(log, 5, flipLast) : log)), ["segment-proofs"]],
    ["a segment's end", tamperLogs("SegmentProven", (log, place) => (place === 1 ? withWord(log, 2, flipLast) : log)), ["segment-proofs", "coverage"]],
    ["a segment's state before", tamperLogs("SegmentProven", (log, place) => (place === 1 ? withWord(log, 3, flipLast) : log)), ["coverage"]],
    ["the device's key", tamperLogs("DeviceEnrolled", (log) => withWord(log, 1, flipLast)), ["segment-proofs", "devices"]],
    ["the calibration left out", tamperLogs("DeviceCalibrated", () => null), ["devices"]],
    ["a participant's duties", tamperLogs("ParticipantRegistered", (log, place) => (place === 1 ? withWord(log, 1, () => "1".padStart(64, "0")) : log)), ["custody-rules"]],
    ["an account left out", tamperLogs("SigningAccountAdded", (log, place) => (place === 0 ? null : log)), ["signatures"]],
    ["an identity check's commitment", tamperLogs("IdentityChecked", (log) => withWord(log, 2, flipLast)), ["identity"]],
    ["an identity check's signature", tamperLogs("IdentityChecked", (log) => withWord(log, 7, flipLast)), ["identity"]],
    ["an identity check's count", tamperLogs("IdentityChecked", (log) => withWord(log, 4, flipLast)), ["identity"]],
    ["a shipper's qualification left out", tamperLogs("ShipperQualified", () => null), ["equipment", "releases"]],
    ["a shipper's qualification moved", tamperLogs("ShipperQualified", (log) => withWord(log, 1, () => "1".padStart(64, "0"))), ["equipment", "releases"]],
    ["a lane's qualification left out", tamperLogs("LaneQualified", () => null), ["equipment", "releases"]],
    ["a shipper's assignment left out", tamperLogs("ShipperAssigned", () => null), ["equipment", "releases"]],
    ["an identity check left out", tamperLogs("IdentityChecked", () => null), ["releases"]],
    ["the identity a journey was opened with", tamperLogs("JourneyOpened", (log) => withWord(log, 0, flipLast)), ["identity", "hash-chain"]],
    ["a release's signature", tamperLogs("GateReleased", (log) => withWord(log, 7, flipLast)), ["releases"]],
    ["a release's head", tamperLogs("GateReleased", (log) => withWord(log, 2, flipLast)), ["releases"]],
    ["a release left out", tamperLogs("GateReleased", () => null), ["custody-rules", "completion"]],
    ["the flow's document", tamperLogs("FlowRegistered", (log) => ({ ...log, data: log.data.replace(Buffer.from("86400").toString("hex"), Buffer.from("86401").toString("hex")) })), ["flow"]],
  ];
  it.each(cases)("is caught: %s", async (_, tamper, expected) => {
    const report = await verifyTampered(tamper);
    expect(failing(report)).toEqual(expect.arrayContaining(expected));
    expect(report).toMatchObject({ verdict: "not-compliant", exitCode: 1 });
  });

  it("cannot be checked when a proof's transaction is no direct submission", async () => {
    const report = await verifyTampered((method, result) =>
      method === "eth_getTransactionByHash" ? { ...(result as object), input: `0xac9650d8${"0".repeat(64)}` } : result,
    );
    expect(report).toMatchObject({ verdict: "could-not-check", exitCode: 2 });
    expect(report.checks.find(({ name }) => name === "segment-proofs")?.detail).toContain("0xac9650d8");
  });
});

describe("what keeps it from checking", () => {
  it.each([
    ["no node", async () => verify(`http://127.0.0.1:${await freePort()}`), "no JSON-RPC answer"],
    ["an unknown journey", async () => verify(undefined, `0x${"ab".repeat(32)}`), "has no journey"],
    ["a malformed journey id", async () => verify(undefined, "0x12"), "no journey id"],
    [
      "an address without code",
      async () =>
        verifyJourney({ rpcUrl: fixture.anvil.rpcUrl, journeyId: journey.journeyId, addresses: { ...fixture.addresses, custodyLedger: `0x${"12".repeat(20)}` } }),
      "no contract at custodyLedger",
    ],
    ["no addresses", async () => verifyJourney({ rpcUrl: fixture.anvil.rpcUrl, journeyId: journey.journeyId, addresses: {} }), "participantRegistry"],
  ])("%s: exit code 2 and the reason", async (_, run, reason) => {
    const report = await run();
    expect(report).toMatchObject({ verdict: "could-not-check", exitCode: 2 });
    expect(report.checks[0]?.detail).toContain(reason);
  });

  it("names a contract that trusts another than it was told", async () => {
    const { addresses } = fixture;
    const report = await verifyJourney({
      rpcUrl: fixture.anvil.rpcUrl,
      journeyId: journey.journeyId,
      addresses: { ...addresses, conditionSegmentVerifier: addresses.poseidon },
    });
    expect(statusOf(report, "contracts")).toBe("fail");
    expect(statusOf(report, "verifying-key")).toBe("fail");
    expect(report.exitCode).toBe(1);
  });
});

describe("a held journey", () => {
  it("is not compliant while a critical exception is open, and says which; resolving it by signature clears that", async () => {
    const held = await fixture.openJourney("COI-0002");
    const start = recentStart();
    await fixture.record(held, "collect", "hospital", start);
    await fixture.record(held, "test", "courier", start + 60);
    await fixture.record(held, "unplanned", "hospital", start + 90);
    await fixture.raise(held, "temperature-excursion", 0, start + 100);
    const report = await verify(undefined, held.journeyId);
    expect(report.exitCode).toBe(1);
    expect(statusOf(report, "custody-rules")).toBe("pass");
    expect(report.summary?.exceptions.map(({ code }) => code)).toEqual([
      "actor-not-authorised",
      "step-out-of-order",
      "custody-gap",
      "step-out-of-order",
      "temperature-excursion",
    ]);
    expect(failing(report)).toEqual(["exceptions", "completion"]);
    for (let number = 0; number < 5; number += 1) await fixture.resolve(held, number);
    expect(failing(await verify(undefined, held.journeyId))).toEqual(["completion"]);
  });

  it("names a shipper that was not qualified, and that no exception says so", async () => {
    const start = recentStart();
    const bare = await fixture.openJourney("COI-EQUIPMENT-1");
    await fixture.record(bare, "pick-up", "courier", start + 30);
    const missing = await verify(undefined, bare.journeyId);
    expect(missing.checks.find(({ name }) => name === "equipment")?.problems).toEqual(["leg inbound has started without a shipper"]);
    await fixture.assignShipper(bare, start + 60, { qualified: false });
    const unsaid = await verify(undefined, bare.journeyId);
    expect(unsaid.checks.find(({ name }) => name === "equipment")?.problems).toEqual([
      "leg inbound: shipper and lane are not compliant",
      expect.stringMatching(/^leg inbound: shipper 0x[0-9a-f]{64} was not qualified at .* and no exception says so$/),
    ]);
    await fixture.raise(bare, "shipper-not-qualified", 0, start + 60);
    const said = await verify(undefined, bare.journeyId);
    expect(said.checks.find(({ name }) => name === "equipment")?.problems).toEqual(["leg inbound: shipper and lane are not compliant"]);
  });

  it("holds a shipper's use by one journey against its next by another", async () => {
    const start = recentStart();
    const grai = "09506000134352TWICE";
    const [first, second] = [await fixture.openJourney("COI-EQUIPMENT-2"), await fixture.openJourney("COI-EQUIPMENT-3")];
    await fixture.assignShipper(first, start, { grai });
    await fixture.assignShipper(second, start + 60, { grai, qualified: false });
    const report = await verify(undefined, second.journeyId);
    expect(report.checks.find(({ name }) => name === "equipment")?.problems).toContain("leg inbound: shipper and lane are not compliant");
  });

  it("shows an exception of the rules that someone else raised too, with other facts", async () => {
    const played = await fixture.openJourney("COI-0003");
    const start = recentStart();
    const code = codeToBytes32("custody-gap");
    const key = custodyExceptionKey(played.journeyId, 0, code);
    const raise = fixture.contracts.exceptions.getFunction("raise");
    const response = (await raise(key, played.journeyId, code, 0, start, `0x${"01".repeat(32)}`)) as { wait(): Promise<unknown> };
    await response.wait();
    await fixture.record(played, "test", "manufacturer", start);
    const report = await verify(undefined, played.journeyId);
    expect(report.checks.find(({ name }) => name === "custody-rules")?.problems).toEqual([
      "custody-gap for event 0 was raised and should not have been",
    ]);
  });

  it("can be checked while another is, and each gets its own report", async () => {
    const reports = await Promise.all([verify(), verify()]);
    expect(reports.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  it("holds a device revoked afterwards against the segments it measured", async () => {
    const response = (await fixture.contracts.devices.getFunction("revoke")(DEVICE_ID, recentStart() - 100_000)) as { wait(): Promise<unknown> };
    await response.wait();
    const report = await verify();
    expect(failing(report)).toEqual(["devices"]);
    expect(report.checks.find(({ name }) => name === "devices")?.detail).toContain("revoked from");
  });
});
