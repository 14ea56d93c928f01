import { id } from "ethers";
import { READINGS_PER_SEGMENT } from "../../model/condition/index.ts";
import { gasPerLog } from "./custody.ts";
import { measurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { startBenchNetwork, until } from "./bench-network.ts";
import type { BenchNetwork } from "./bench-network.ts";

const RUNS = 5;
const START_SECONDS = 1_780_000_000;
const CADENCE_SECONDS = 60;
/** Two full segments are proven on the way; the third is open when the last readings come. */
const READINGS = 2 * READINGS_PER_SEGMENT + 60;
/** Withheld to the end: fewer than the profile's longest gap, or the leg's end would show one. */
const LAST_READINGS = 3;
const SEGMENT_PROVEN_TOPIC = id("SegmentProven(bytes32,uint8,uint32,uint40,uint40,uint256,uint256,uint256)");

/** From the last reading of a leg to a releasable gate, and from an excursion to its exception on the ledger. */
export async function benchLatency(): Promise<Measurement[]> {
  const bench = await startBenchNetwork();
  try {
    const releasable: number[] = [];
    const excursion: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      releasable.push(await lastReadingToReleasable(bench, run));
      excursion.push(await excursionToLedger(bench, RUNS + run));
    }
    const gas = await gasPerLog(bench.network.rpcUrl, bench.network.addresses["conditionProofs"] ?? "", SEGMENT_PROVEN_TOPIC);
    return [
      measurement("last-reading-to-releasable", "last readings of a leg published until every check of the gate is compliant", "s", releasable, { atMost: 5 }),
      measurement("excursion-to-ledger", "warm reading published until its exception is on the ledger", "s", excursion, { atMost: 2 }),
      measurement("gas-per-proof", "whole transactions, divided by the segments in them", "gas", [gas], { atMost: 270_000 }),
    ];
  } finally {
    await bench.close();
  }
}

async function lastReadingToReleasable(bench: BenchNetwork, run: number): Promise<number> {
  const { journeyId, client, capture } = await startLeg(bench, run);
  await client.publishReadings(readings(0, READINGS - LAST_READINGS));
  await capture("arrival", START_SECONDS + (READINGS - 1) * CADENCE_SECONDS);
  await client.drained(60);
  await proven(bench, journeyId, 2);
  const started = performance.now();
  await client.publishReadings(readings(READINGS - LAST_READINGS, READINGS));
  await client.seal();
  const checks = () => bench.operator.must(bench.operator.get<{ releasable: boolean }>(`/journeys/${journeyId}/gates/acceptance/checks`));
  await until("a releasable gate", async () => (await checks()).releasable, 20);
  const seconds = (performance.now() - started) / 1000;
  await client.close();
  return seconds;
}

async function excursionToLedger(bench: BenchNetwork, run: number): Promise<number> {
  const { journeyId, client } = await startLeg(bench, run);
  await client.publishReadings(readings(0, 20));
  await client.drained(60);
  const started = performance.now();
  await client.publishReadings([{ timeSeconds: START_SECONDS + 20 * CADENCE_SECONDS, temperatureCelsius: 12, tiltDegrees: 2 }]);
  const listed = () => bench.operator.must(bench.operator.get<{ exceptions: { code: string; status: string }[] }>(`/journeys/${journeyId}/exceptions`));
  const isOpen = (exception: { code: string; status: string }) => exception.code === "temperature-excursion" && exception.status === "open";
  await until("the excursion on the ledger", async () => (await listed()).exceptions.some(isOpen), 10);
  const seconds = (performance.now() - started) / 1000;
  await client.close();
  return seconds;
}

async function startLeg(bench: BenchNetwork, run: number) {
  const { journeyId, chainOfIdentity } = await bench.openJourney(run);
  const { giai, client } = await bench.connectDevice(run);
  const capture = (step: string, timeSeconds: number) =>
    bench.courier.must(bench.courier.post("/capture", bench.document(chainOfIdentity, step, timeSeconds, run)));
  await capture("pickup", START_SECONDS);
  const assignedFrom = new Date((START_SECONDS - 600) * 1000).toISOString();
  await bench.courier.must(bench.courier.post(`/journeys/${journeyId}/legs/road/device`, { giai, assignedFrom }));
  await client.assignment({ journeyId });
  return { journeyId, client, capture };
}

async function proven(bench: BenchNetwork, journeyId: string, count: number): Promise<void> {
  const proofs = () => bench.operator.must(bench.operator.get<{ segments: { ledger: unknown }[] }>(`/journeys/${journeyId}/proofs`));
  await until(`${count} proofs on the ledger`, async () => (await proofs()).segments.filter(({ ledger }) => ledger !== null).length >= count, 100);
}

function readings(from: number, to: number) {
  return Array.from({ length: to - from }, (_, place) => ({
    timeSeconds: START_SECONDS + (from + place) * CADENCE_SECONDS,
    temperatureCelsius: 5,
    tiltDegrees: 2,
  }));
}
