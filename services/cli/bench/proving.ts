import { join } from "node:path";
import { r1cs } from "snarkjs";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { SAMPLE_INPUTS } from "../../../scripts/circuits/sample-inputs.ts";
import type { CircuitName } from "../../model/circuit-inputs.ts";
import { READINGS_PER_SEGMENT } from "../../model/condition/index.ts";
import { endCurveWorkers } from "../../proving/prover/curve-workers.ts";
import { createProverPool } from "../../proving/prover/prover-pool.ts";
import { measurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const RUNS = 7;

/** Full statements proven by one process that may use every core: the time until a single proof is there. */
export async function benchProving(): Promise<Measurement[]> {
  const build = join(projectRoot, "build", "circuits");
  const { nConstraints } = (await r1cs.info(join(build, "condition-segment.r1cs"))) as { nConstraints: number };
  await endCurveWorkers();
  const prover = await createProverPool({ workers: 1, circuitsDirectory: join(projectRoot, "circuits"), buildDirectory: build, singleThread: false });
  try {
    let peakMemoryBytes = 0;
    const secondsOf = async (...circuits: CircuitName[]) => {
      const seconds: number[] = [];
      for (let run = 0; run <= RUNS; run++) {
        let together = 0;
        for (const circuit of circuits) {
          const made = await prover.prove(circuit, SAMPLE_INPUTS[circuit]());
          together += made.provingSeconds;
          peakMemoryBytes = Math.max(peakMemoryBytes, made.peakMemoryBytes);
        }
        if (run > 0) seconds.push(together);
      }
      return seconds;
    };
    const segment = await secondsOf("condition-segment");
    const segmentMemoryBytes = peakMemoryBytes;
    const release = await secondsOf("batch-release", "identity-link");
    return [
      measurement("constraints-per-segment", `${READINGS_PER_SEGMENT} readings, device signature included`, "constraints", [nConstraints], { atMost: 2 ** 14 }),
      measurement("readings-per-segment", "readings one proof covers", "readings", [READINGS_PER_SEGMENT], { atLeast: 150 }),
      measurement("proving-seconds-per-segment", "witness, proof and local check, one process, warm", "s", segment, { atMost: 1.5 }),
      measurement("proving-seconds-batch-and-identity", "batch-release with every place taken, then identity-link, one process, warm", "s", release, { atMost: 2 }),
      measurement("proving-peak-memory", "resident size of the proving process, condition segments only", "MiB", [segmentMemoryBytes / 2 ** 20]),
      measurement("proving-peak-memory-all-circuits", "the same after all three circuits", "MiB", [peakMemoryBytes / 2 ** 20]),
    ];
  } finally {
    await prover.close();
  }
}
