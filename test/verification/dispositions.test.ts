import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicOf } from "../../services/verification/decode-log.ts";
import type { RawLog } from "../../services/verification/decode-log.ts";
import type { LedgerEventName } from "../../services/verification/ledger-events.ts";
import { replayJourney } from "../../services/verification/replay.ts";
import { verifyJourney } from "../../services/verification/verify.ts";
import type { VerifyReport } from "../../services/verification/verify.ts";
import { startLedgerFixture } from "./support/ledger-fixture.ts";
import type { Journey, LedgerFixture } from "./support/ledger-fixture.ts";
import { proveLeg, recentStart } from "./support/proven-leg.ts";
import { startTamperingProxy } from "./support/tampering-proxy.ts";
import type { Tamper } from "./support/tampering-proxy.ts";

let fixture: LedgerFixture;
let journey: Journey;
/** On whole ticks of two seconds. */
const start = recentStart();
const leg = start + 702;

const verify = (rpcUrl = fixture.anvil.rpcUrl, journeyId = journey.journeyId) =>
  verifyJourney({ rpcUrl, addresses: fixture.addresses, journeyId });
const check = (report: VerifyReport, name: string) => report.checks.find((candidate) => candidate.name === name);
const failing = (report: VerifyReport) => report.checks.filter(({ status }) => status !== "pass").map(({ name }) => name);

async function verifyTampered(tamper: Tamper): Promise<VerifyReport> {
  const proxy = await startTamperingProxy(fixture.anvil.rpcUrl, tamper);
  try {
    return await verify(proxy.rpcUrl);
  } finally {
    await proxy.close();
  }
}

function tamperLogs(name: LedgerEventName, change: (log: RawLog) => RawLog | null): Tamper {
  return (method, result) =>
    method === "eth_getLogs"
      ? (result as RawLog[]).flatMap((log) => (log.topics[0] === topicOf(name) ? [change(log)].filter((changed) => changed !== null) : [log]))
      : result;
}

const withWord = (word: number, text: string) => (log: RawLog) => {
  const from = 2 + 64 * word;
  return { ...log, data: log.data.slice(0, from) + text.padStart(64, "0") + log.data.slice(from + 64) };
};
const flipped = (word: number) => (log: RawLog) => {
  const end = 2 + 64 * (word + 1);
  return { ...log, data: log.data.slice(0, end - 1) + (log.data[end - 1] === "0" ? "1" : "0") + log.data.slice(end) };
};

/** The leg's first 20 min and all from minute 40 on are proven; the 20 min between are accepted under exception 0. */
beforeAll(async () => {
  fixture = await startLedgerFixture();
  journey = await fixture.openJourney("COI-0001");
  await fixture.record(journey, "collect", "hospital", start);
  await fixture.record(journey, "hand-over", "hospital", start + 600);
  await fixture.assignShipper(journey, start + 650);
  await fixture.record(journey, "pick-up", "courier", start + 700);
  await proveLeg(fixture, journey, leg, leg + 1_200);
  await fixture.raise(journey, "temperature-excursion", 0, leg + 1_500);
  await fixture.accept(journey, 0);
  await fixture.acceptInterval(journey, leg + 2_400, 0);
  await proveLeg(fixture, journey, leg + 2_400, leg + 3_600, 40, true);
  await fixture.record(journey, "deliver", "courier", start + 4_300);
  await fixture.record(journey, "receive", "manufacturer", start + 4_400);
  await fixture.checkIdentity(journey, "receive", "manufacturer");
  await fixture.record(journey, "test", "manufacturer", start + 4_500);
  await fixture.decide(journey, "on-hold", "qualityAssurance");
}, 240_000);

afterAll(async () => fixture?.close());

describe("a leg with an accepted interval", () => {
  it("is covered, but says plainly for how long nothing is proven and under which exception", async () => {
    const coverage = check(await verify(), "coverage");
    expect(coverage).toMatchObject({ status: "pass", problems: [] });
    expect(coverage?.detail).toContain("leg inbound covered but for 20 min accepted under exception 0");
    expect(check(await verify(), "segment-proofs")).toMatchObject({ status: "pass" });
  });

  it("shows in the auditor's replay", async () => {
    const report = await replayJourney({
      rpcUrl: fixture.anvil.rpcUrl, addresses: fixture.addresses, journeyId: journey.journeyId, disclosure: journey.disclosure,
    });
    expect(report.divergences).toEqual([]);
    expect(report.proofs[0]).toMatchObject({
      status: "accepted",
      acceptances: [{ number: 0, from: leg + 1_200, to: leg + 2_400, exceptionNumber: 0 }],
    });
  });

  it.each<[string, (log: RawLog) => RawLog | null, string[]]>([
    ["left out", () => null, ["segment-proofs", "coverage"]],
    ["longer", (log) => withWord(2, (leg + 2_460).toString(16))(log), ["coverage"]],
    ["under another exception", withWord(3, "7"), ["coverage"]],
    ["signed at another time", flipped(6), ["coverage"]],
    ["by another signer", flipped(5), ["coverage"]],
  ])("is caught when a node shows it %s", async (_what, change, names) => {
    const report = await verifyTampered(tamperLogs("IntervalAccepted", change));
    expect(failing(report)).toEqual(expect.arrayContaining(names));
  });
});

describe("a batch on hold", () => {
  it("is not compliant, and says so", async () => {
    const report = await verify();
    expect(check(report, "dispositions")?.problems).toEqual(["the batch is on-hold: every gate is held"]);
    expect(await fixture.contracts.releases.getFunction("isReleasable")(journey.journeyId, 0)).toBe(false);
  });
});

describe("a batch accepted and released", () => {
  beforeAll(async () => {
    await fixture.decide(journey, "accepted");
    await fixture.release(journey, "certification");
  });

  it("is compliant", async () => {
    const report = await verify();
    expect(failing(report)).toEqual([]);
    expect(check(report, "dispositions")?.detail).toBe("the batch is accepted; 2 by signature, 0 recalls");
  });

  it.each<[string, LedgerEventName, (log: RawLog) => RawLog | null]>([
    ["the hold left out", "DispositionDecided", (log) => (log.data.slice(2 + 64, 2 + 128).endsWith("3") ? null : log)],
    ["another decision", "DispositionDecided", withWord(1, "2")],
    ["another signer", "DispositionDecided", flipped(2)],
    ["another reason", "DispositionDecided", flipped(4)],
    ["another number", "DispositionDecided", withWord(0, "5")],
  ])("is caught when a node shows %s", async (_what, name, change) => {
    expect(failing(await verifyTampered(tamperLogs(name, change)))).toContain("dispositions");
  });
});

describe("a recall", () => {
  beforeAll(async () => {
    await fixture.raise(journey, "positive-late-result", null, start + 5_000);
    await fixture.acknowledgeRecall(journey, 1, "hospital");
  });

  it("stands until a qualified person decides, also when its exception is resolved", async () => {
    await fixture.resolve(journey, 1);
    const report = await verify();
    expect(failing(report)).toEqual(["dispositions"]);
    expect(check(report, "dispositions")?.problems).toEqual(["recall 0 stands: no qualified person has decided since"]);
  });

  it.each<[string, LedgerEventName, (log: RawLog) => RawLog | null]>([
    ["no recall", "RecallRaised", () => null],
    ["an acknowledgement of another", "RecallAcknowledged", flipped(1)],
  ])("is caught when a node shows %s", async (_what, name, change) => {
    expect((check(await verifyTampered(tamperLogs(name, change)), "dispositions")?.problems ?? []).length).toBeGreaterThan(1);
  });
});
