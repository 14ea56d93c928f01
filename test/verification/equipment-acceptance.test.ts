import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { equipmentIdOf } from "../../services/model/custody/identifiers.ts";
import { topicOf } from "../../services/verification/decode-log.ts";
import type { RawLog } from "../../services/verification/decode-log.ts";
import { verifyJourney } from "../../services/verification/verify.ts";
import { startLedgerFixture } from "./support/ledger-fixture.ts";
import type { Journey, LedgerFixture } from "./support/ledger-fixture.ts";
import { recentStart } from "./support/proven-leg.ts";
import { startTamperingProxy } from "./support/tampering-proxy.ts";
import type { Tamper } from "./support/tampering-proxy.ts";

let fixture: LedgerFixture;
let journey: Journey;
const start = recentStart();

/** The only leg went in a shipper that nobody had qualified: exception 0, accepted. */
beforeAll(async () => {
  fixture = await startLedgerFixture();
  journey = await fixture.openJourney("COI-0001");
  await fixture.record(journey, "collect", "hospital", start);
  await fixture.record(journey, "hand-over", "hospital", start + 600);
  await fixture.assignShipper(journey, start + 650, { qualified: false });
  await fixture.raise(journey, "shipper-not-qualified", 0, start + 650);
  await fixture.raise(journey, "label-not-printed", null, start + 650);
  await fixture.record(journey, "pick-up", "courier", start + 700);
  await fixture.record(journey, "deliver", "courier", start + 4_300);
  await fixture.record(journey, "receive", "manufacturer", start + 4_400);
}, 240_000);

afterAll(async () => fixture?.close());

async function equipmentCheck(tamper: Tamper = (_method, result) => result) {
  const proxy = await startTamperingProxy(fixture.anvil.rpcUrl, tamper);
  try {
    const report = await verifyJourney({ rpcUrl: proxy.rpcUrl, addresses: fixture.addresses, journeyId: journey.journeyId });
    return report.checks.find(({ name }) => name === "equipment");
  } finally {
    await proxy.close();
  }
}

const tampered = (change: (log: RawLog) => RawLog | null): Tamper => (method, result) =>
  method === "eth_getLogs"
    ? (result as RawLog[]).flatMap((log) => (log.topics[0] === topicOf("EquipmentAccepted") ? [change(log)].filter((changed) => changed !== null) : [log]))
    : result;
const withWord = (word: number, text: string) => (log: RawLog) => {
  const from = 2 + 64 * word;
  return { ...log, data: log.data.slice(0, from) + text.padStart(64, "0") + log.data.slice(from + 64) };
};

describe("a leg in a shipper that was not qualified", () => {
  it("is not compliant until a qualified person accepts it, and then says under which exception", async () => {
    expect(await equipmentCheck()).toMatchObject({ status: "fail", problems: ["leg inbound: shipper and lane are not compliant"] });
    await fixture.accept(journey, 0);
    expect(await equipmentCheck()).toMatchObject({ status: "fail" });
    await fixture.acceptEquipment(journey, 0);
    const check = await equipmentCheck();
    expect(check).toMatchObject({ status: "pass", problems: [] });
    expect(check?.detail).toBe("1 shipper on 1 leg that asks for one; leg inbound accepted under exception 0");
  });

  it.each<[string, (log: RawLog) => RawLog | null, string]>([
    ["left out", () => null, "shipper and lane are not compliant"],
    ["of the lane", withWord(0, Buffer.from("lane-not-qualified").toString("hex").padEnd(64, "0")), "exception 0 is one of shipper-not-qualified"],
    ["for another number of shippers", withWord(1, "2"), "the leg had 1 shippers, 2 were signed for"],
    ["under another exception", withWord(2, "1"), "exception 1 is not one of this leg"],
    ["under no exception", withWord(2, "63"), "there is no exception 99"],
    ["for another participant", withWord(3, "1"), "was no active account of participant 1"],
    ["by another signer", withWord(4, "ab".repeat(20)), "the signature is not the signer's"],
    ["signed at another time", withWord(5, "1"), "it was not signed within a day before its record"],
  ])("is caught when a node shows the acceptance %s", async (_what, change, problem) => {
    const check = await equipmentCheck(tampered(change));
    expect(check?.status).toBe("fail");
    expect(check?.problems.join("; ")).toContain(problem);
  });

  it("needs another acceptance for one more shipper", async () => {
    const { equipment } = fixture.contracts;
    const [first] = (await equipment.getFunction("assignments")(journey.journeyId, 0)) as { laneId: string }[];
    const assigned = await equipment.getFunction("assignShipper")(journey.journeyId, 0, equipmentIdOf("09506000134352LATER"), first?.laneId, start + 2_000);
    await assigned.wait();
    expect(await equipmentCheck()).toMatchObject({ status: "fail", problems: ["leg inbound: shipper and lane are not compliant"] });
    await fixture.acceptEquipment(journey, 0);
    expect(await equipmentCheck()).toMatchObject({ status: "pass" });
  });
});
