import { readFileSync, writeFileSync } from "node:fs";
import { id } from "ethers";
import { afterAll, describe, expect, test } from "vitest";
import { readArtifact } from "../../scripts/deploy/artifacts.ts";
import type { ContractName } from "../../scripts/deploy/artifacts.ts";
import { DEVICE, INBOUND, JOURNEY, UNIT_SECONDS } from "./support/compliance.ts";
import { STEP } from "./support/flow.ts";
import { logger, proveSegments } from "./support/proven-segments.ts";
import type { Threadline } from "./support/threadline.ts";
import { PREPARE_TIMEOUT, useThreadline } from "./support/use-threadline.ts";

const SNAPSHOT = new URL("../snapshots/gas.json", import.meta.url);
/** How far a measurement may be from the snapshot before someone has to look: signatures' zero bytes alone move it. */
const TOLERANCE = 0.01;
const BATCH = 50;
const EVENT_TARGET = 50_000;
/** Alone a proof pays for its transaction and for reading flow, device and coverage, which a batch shares. */
const PROOF_TARGET = 270_000;

type Snapshot = { gas: Record<string, number>; deployedBytes: Record<string, number> };
const snapshot = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Snapshot;
const measured: Snapshot = { gas: {}, deployedBytes: {} };

/** Gas of a transaction divided by what it carries, held against the snapshot. */
async function measure(name: string, sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>, parts = 1): Promise<number> {
  const receipt = await (await sent).wait();
  const gas = Math.round(Number(receipt?.gasUsed ?? 0n) / parts);
  measured.gas[name] = gas;
  const expected = snapshot.gas[name] ?? 0;
  if (!process.env["UPDATE_SNAPSHOTS"]) expect(Math.abs(gas - expected) / expected, `${name}: ${gas}, snapshot ${expected}`).toBeLessThan(TOLERANCE);
  return gas;
}

describe("gas", () => {
  const threadline = useThreadline({ verifier: "dev" });

  test(`of custody events relayed in batches of ${BATCH}, each of another journey`, async () => {
    const { ledger, now } = threadline();
    const journeys = Array.from({ length: BATCH }, (_, index) => id(`journey ${index}`));
    for (const journeyId of journeys) await ledger.openJourney(journeyId, 1, id("identity"));
    const start = await now();
    const route = [
      ["first event, new anchor slot", "clinic", STEP.collect],
      ["second anchor", "clinic", STEP.handOver],
      ["no anchor", "courier", STEP.pickUp],
      ["two limits", "courier", STEP.deliver],
      ["third anchor", "factory", STEP.receive],
    ] as const;
    const gas: number[] = [];
    for (const [sequence, [name, actor, step]] of route.entries()) {
      const events = await signAll(threadline(), journeys, { actor, step, sequence, occurredAt: start });
      gas.push(await measure(`custody event in a batch of ${BATCH}: ${name}`, ledger.record(events), BATCH));
    }
    const mean = gas.reduce((sum, value) => sum + value, 0) / gas.length;
    expect(mean).toBeLessThanOrEqual(EVENT_TARGET);
    expect(await threadline().exceptions.count(journeys[0] ?? "")).toBe(0n);
  });

  test("of a custody event alone, and of one that raises an exception", async () => {
    const { ledger, signFact, actors, now } = threadline();
    await measure("journey opened", ledger.openJourney(JOURNEY, 1, id("identity")));
    const occurredAt = await now();
    const fact = (sequence: number, step: number) => signFact(actors.clinic.wallet, { journeyId: JOURNEY, sequence, step, occurredAt });
    await measure("custody event alone", ledger.record([await fact(0, STEP.collect)]));
    await measure("custody event alone, with one exception", ledger.record([await fact(1, STEP.observe)]));
  });

  test("of condition proofs, alone and batched", { timeout: PREPARE_TIMEOUT }, async () => {
    const { ledger, devices, proofs, actors, now, chainId, addresses } = threadline();
    const present = await now();
    const start = present - (present % UNIT_SECONDS);
    await measure("device enrolled", devices.enrol(DEVICE, actors.courier.participantId, ...logger.publicKey, id("message key"), 0));
    await measure("calibration recorded", devices.recordCalibration(DEVICE, start - 10, start + 86_400));
    await ledger.openJourney(JOURNEY, 1, id("identity"));
    await measure("device assigned", proofs.assignDevice(JOURNEY, INBOUND, DEVICE, start));
    const [first, ...others] = await proveSegments({
      chainId, conditionProofs: addresses.conditionProofs, journeyId: JOURNEY, leg: INBOUND, start, readings: 4, count: 6,
    });
    if (first === undefined) throw new Error("nothing was proven");
    await measure("segment proof alone", proofs.submitSegments(JOURNEY, INBOUND, [first]));
    const pair = await measure("segment proof in a batch of 2", proofs.submitSegments(JOURNEY, INBOUND, others.slice(0, 2)), 2);
    const three = await measure("segment proof in a batch of 3", proofs.submitSegments(JOURNEY, INBOUND, others.slice(2)), 3);
    expect(pair).toBeLessThanOrEqual(PROOF_TARGET);
    expect(three).toBeLessThanOrEqual(PROOF_TARGET);
  });

  test("sizes of the deployed contracts", () => {
    const names = ["ParticipantRegistry", "DeviceRegistry", "EquipmentRegistry", "FlowRegistry", "ExceptionCatalogue", "ExceptionRegister", "CustodyLedger", "ConditionProofs", "ReleaseRegister", "SpecificationRegistry", "BatchProofs", "ConditionSegmentDevVerifier", "BatchReleaseDevVerifier"] as const satisfies readonly ContractName[];
    for (const name of names) measured.deployedBytes[name] = readArtifact(name).deployedBytecode.length / 2 - 1;
    if (!process.env["UPDATE_SNAPSHOTS"]) expect(measured.deployedBytes).toEqual(snapshot.deployedBytes);
  });

  afterAll(() => {
    if (process.env["UPDATE_SNAPSHOTS"]) writeFileSync(SNAPSHOT, `${JSON.stringify(measured, null, 2)}\n`);
  });
});

async function signAll(
  { signFact, actors }: Threadline,
  journeys: string[],
  { actor, ...fact }: { actor: keyof Threadline["actors"]; step: number; sequence: number; occurredAt: number },
) {
  return Promise.all(journeys.map((journeyId) => signFact(actors[actor].wallet, { journeyId, ...fact })));
}
