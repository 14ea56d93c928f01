import { readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { groth16, wtns } from "snarkjs";
import type { CircuitSignals } from "snarkjs";
import { CIRCUIT_NAMES } from "../../services/model/circuit-inputs.ts";
import type { CircuitName } from "../../services/model/circuit-inputs.ts";
import { circuitArtifactPaths } from "../../services/proving/prover/artifact-lock.ts";
import { endCurveWorkers } from "../../services/proving/prover/curve-workers.ts";
import { createProverPool } from "../../services/proving/prover/prover-pool.ts";
import { directoriesOf } from "./manifest.ts";
import { SAMPLE_INPUTS } from "./sample-inputs.ts";

const RUNS = 5;

/**
 * What a proof of each circuit costs: seconds until it is there from one warm process that may use every core (witness, proof and
 * local check; median and best), and the processor seconds of one thread, which other work on the machine hardly changes.
 */
export async function measureProving(root: string) {
  const load = rounded(loadavg()[0] ?? 0);
  const circuits = {} as Record<CircuitName, { medianSeconds: number; bestSeconds: number; processorSeconds: number }>;
  const pool = await createProverPool({ ...directoriesOf(root), workers: 1, singleThread: false });
  try {
    for (const circuit of CIRCUIT_NAMES) {
      const inputs = SAMPLE_INPUTS[circuit]();
      await pool.prove(circuit, inputs);
      const runs: number[] = [];
      for (let run = 0; run < RUNS; run += 1) runs.push((await pool.prove(circuit, inputs)).provingSeconds);
      runs.sort((left, right) => left - right);
      circuits[circuit] = { medianSeconds: rounded(runs[Math.floor(RUNS / 2)] ?? 0), bestSeconds: rounded(runs[0] ?? 0), processorSeconds: 0 };
    }
  } finally {
    await pool.close();
  }
  for (const circuit of CIRCUIT_NAMES) circuits[circuit].processorSeconds = rounded(await processorSeconds(circuit, root));
  await endCurveWorkers();
  return { cores: availableParallelism(), loadOfTheMachine: load, circuits };
}

/** The least processor time of two proofs on one thread. */
async function processorSeconds(circuit: CircuitName, root: string): Promise<number> {
  const paths = circuitArtifactPaths(circuit, directoriesOf(root));
  const [wasm, zkey] = [await readFile(paths.wasm), await readFile(paths.zkey)];
  const runs: number[] = [];
  for (let run = 0; run < 2; run += 1) {
    const before = process.cpuUsage();
    const witness = { type: "mem", data: new Uint8Array() } as unknown as Uint8Array;
    await wtns.calculate(SAMPLE_INPUTS[circuit]() as CircuitSignals, wasm, witness);
    await groth16.prove(zkey, witness, undefined, { singleThread: true });
    const { user, system } = process.cpuUsage(before);
    runs.push((user + system) / 1e6);
  }
  return Math.min(...runs);
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
