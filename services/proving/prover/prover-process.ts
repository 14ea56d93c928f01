/** Child process of the prover pool: makes one proof at a time and checks each before it answers. */
import { readFile } from "node:fs/promises";
import { groth16, wtns } from "snarkjs";
import type { CircuitSignals } from "snarkjs";
import { endCurveWorkers } from "./curve-workers.ts";
import type { ProofRequest, ProofResponse, ProverErrorCode, ProverProcessConfig } from "./prover-messages.ts";

interface LoadedCircuit {
  wasm: Uint8Array;
  zkey: Uint8Array;
  verificationKey: unknown;
}

class Refusal extends Error {
  readonly code: ProverErrorCode;
  constructor(code: ProverErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Serves proof requests until the parent disconnects. */
async function serve(config: ProverProcessConfig): Promise<void> {
  const circuits = new Map<string, LoadedCircuit>();
  for (const [name, paths] of Object.entries(config.circuits))
    circuits.set(name, {
      wasm: await readFile(paths.wasm),
      zkey: await readFile(paths.zkey),
      verificationKey: JSON.parse(await readFile(paths.verificationKey, "utf8")),
    });

  // The witness calculator prints what it also throws; the answer carries it.
  console.error = () => {};
  let queue = Promise.resolve();
  process.on("message", (request: ProofRequest) => {
    queue = queue.then(async () => {
      const response = await answer(circuits, request, config.singleThread);
      await new Promise<void>((resolve) => process.send?.(response, () => resolve()));
    });
  });
  process.once("disconnect", () => {
    void queue.then(endCurveWorkers).finally(() => process.exit(0));
  });
  process.send?.({ kind: "ready" });
}

async function answer(circuits: Map<string, LoadedCircuit>, request: ProofRequest, singleThread: boolean): Promise<ProofResponse> {
  const { jobId } = request;
  const startedAt = performance.now();
  try {
    const { proof, publicSignals } = await prove(circuits.get(request.circuit), request, singleThread);
    return { kind: "proven", jobId, proof, publicSignals, provingSeconds: (performance.now() - startedAt) / 1000, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 };
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal("proof-failed", String(error));
    return { kind: "refused", jobId, code: refusal.code, error: refusal.message };
  }
}

async function prove(circuit: LoadedCircuit | undefined, request: ProofRequest, singleThread: boolean) {
  if (circuit === undefined) throw new Refusal("circuit-unknown", `this prover has no circuit "${request.circuit}"`);
  const witness = { type: "mem", data: new Uint8Array() } as unknown as Uint8Array;
  try {
    await wtns.calculate(request.circuitInputs as CircuitSignals, circuit.wasm, witness);
  } catch (error) {
    throw new Refusal("witness-refused", `the inputs break the statement: ${String(error)}`);
  }
  const { proof, publicSignals } = await groth16.prove(circuit.zkey, witness, undefined, { singleThread });
  if (!(await groth16.verify(circuit.verificationKey, publicSignals, proof)))
    throw new Refusal("proof-invalid", "the proof does not verify against the verifying key");
  return { proof, publicSignals: publicSignals.map(String) };
}

if (process.send !== undefined && process.argv[2] !== undefined) await serve(JSON.parse(process.argv[2]) as ProverProcessConfig);
