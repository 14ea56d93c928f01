import { join } from "node:path";
import { r1cs } from "snarkjs";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import {
  READINGS_PER_SEGMENT,
  createDeviceSigningKey,
  genesisBlinding,
  genesisState,
  segmentCircuitInputs,
  signSegment,
} from "../../model/condition/index.ts";
import { endCurveWorkers } from "../../proving/prover/curve-workers.ts";
import { createProverPool } from "../../proving/prover/prover-pool.ts";
import { DRILL_PROFILE } from "./drill.ts";
import { measurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const RUNS = 7;
/** A full segment proven by one process that may use every core: the time until a single proof is there. */
export async function benchProving(): Promise<Measurement[]> {
  const build = join(projectRoot, "build", "circuits");
  const { nConstraints } = (await r1cs.info(join(build, "condition-segment.r1cs"))) as { nConstraints: number };
  await endCurveWorkers();
  const prover = await createProverPool({ workers: 1, circuitsDirectory: join(projectRoot, "circuits"), buildDirectory: build, singleThread: false });
  try {
    const inputs = fullSegment();
    await prover.prove("condition-segment", inputs);
    const seconds: number[] = [];
    let peakMemoryBytes = 0;
    for (let run = 0; run < RUNS; run++) {
      const made = await prover.prove("condition-segment", inputs);
      seconds.push(made.provingSeconds);
      peakMemoryBytes = Math.max(peakMemoryBytes, made.peakMemoryBytes);
    }
    return [
      measurement("constraints-per-segment", `${READINGS_PER_SEGMENT} readings, device signature included`, "constraints", [nConstraints], { atMost: 2 ** 14 }),
      measurement("readings-per-segment", "readings one proof covers", "readings", [READINGS_PER_SEGMENT], { atLeast: 150 }),
      measurement("proving-seconds-per-segment", "witness, proof and local check, one process, warm", "s", seconds, { atMost: 1.5 }),
      measurement("proving-peak-memory", "resident size of the proving process", "MiB", [peakMemoryBytes / 2 ** 20]),
    ];
  } finally {
    await prover.close();
  }
}

function fullSegment() {
  const key = createDeviceSigningKey(new Uint8Array(32).fill(7));
  const segment = {
    context: 1n,
    fromTick: 1_780_000_000,
    salt: 1n,
    readings: Array.from({ length: READINGS_PER_SEGMENT }, (_, place) => ({
      temperatureCentikelvin: 27_815 + (place % 50),
      tiltDegrees: place % 20,
      stepTicks: place === 0 ? 0 : 60,
    })),
  };
  return segmentCircuitInputs({
    segment,
    signature: signSegment(segment, key),
    publicKey: key.publicKey,
    profile: DRILL_PROFILE,
    stateBefore: { ...genesisState },
    blindingBefore: genesisBlinding,
    blindingAfter: 1n,
  });
}
