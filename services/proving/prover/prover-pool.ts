import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import type { Groth16Proof } from "snarkjs";
import { ThreadlineError } from "../../model/errors.ts";
import { CIRCUIT_NAMES } from "../../model/circuit-inputs.ts";
import type { CircuitInputs, CircuitName } from "../../model/circuit-inputs.ts";
import type { FailureLogger } from "../../schedule/failure-record.ts";
import { assertArtifacts, circuitArtifactPaths, readArtifactLock } from "./artifact-lock.ts";
import type { ProofRequest, ProofResponse, ProverProcessConfig } from "./prover-messages.ts";

export interface ProverPoolConfig {
  /** Prover processes, at least 1. */
  workers: number;
  /** Folder that holds `keys/`. */
  circuitsDirectory: string;
  /** Folder of the compiled circuits. */
  buildDirectory: string;
  /** Names of the circuits to prove; default all of them. */
  circuits?: readonly CircuitName[];
  /** Default: one thread per process when there are several processes. */
  singleThread?: boolean;
  /** Times a proof is begun before a crashing process fails it; default 3. */
  attempts?: number;
  /** Told once when no process can start any more, and once when one can again. */
  logger?: FailureLogger;
}

export interface MadeProof {
  proof: Groth16Proof;
  publicSignals: string[];
  provingSeconds: number;
  /** Greatest resident size of the proving process so far. */
  peakMemoryBytes: number;
}

export interface ProverPool {
  /**
   * Makes and locally verifies one proof. Rejects with `circuit-unknown` for a circuit this pool was not started with,
   * `witness-refused` when the inputs break the statement,
   * `prover-crashed` when the process died in every attempt, `prover-unavailable` when none can start, `prover-closed`
   * after `close()`.
   */
  prove(circuit: CircuitName, inputs: CircuitInputs): Promise<MadeProof>;
  /** Resolves once a process can prove; rejects with `prover-unavailable` when they die before they can. */
  ready(): Promise<void>;
  /** Why no process can prove now, in the processes' own last words; null while nothing is known to be wrong. */
  failure(): string | null;
  /** The worker processes as they are now. */
  workers(): WorkerStatus[];
  /** Rejects what waits, lets the processes end. */
  close(): Promise<void>;
}

export interface WorkerStatus {
  processId: number | undefined;
  /** Artifacts are loaded. */
  ready: boolean;
  proving: boolean;
}

interface Job extends ProofRequest {
  begun: number;
  resolve(result: MadeProof): void;
  reject(error: Error): void;
}

interface Worker {
  child: ChildProcess;
  ready: boolean;
  job: Job | null;
}

const PROCESS_PATH = join(import.meta.dirname, "prover-process.ts");
const FEWEST_SECONDS_BETWEEN_CRASHES = 0.5;
const MOST_SECONDS_BETWEEN_STARTS = 30;
/** Starts that fail one after the other before the pool says that it cannot prove. */
const STARTS_BEFORE_FAILURE = 3;
const LAST_WORDS_CHARACTERS = 2_000;

/** Starts the processes once every artifact has the hash circuits/keys/lock.json demands; throws `artifact-mismatch` else. */
export async function createProverPool(config: ProverPoolConfig): Promise<ProverPool> {
  const circuits = config.circuits ?? CIRCUIT_NAMES;
  const attempts = config.attempts ?? 3;
  const processConfig: ProverProcessConfig = { circuits: {}, singleThread: config.singleThread ?? config.workers > 1 };
  const lock = await readArtifactLock(config.circuitsDirectory);
  for (const circuit of circuits) {
    const { wasm, zkey, verificationKey } = circuitArtifactPaths(circuit, config);
    await assertArtifacts(circuit, { wasm, zkey, verificationKey }, lock[circuit]);
    processConfig.circuits[circuit] = { wasm, zkey, verificationKey };
  }

  const waiting: Job[] = [];
  const workers = new Set<Worker>();
  const restarts = new Set<NodeJS.Timeout>();
  let closed = false;
  let numberOfJobs = 0;
  let failedStarts = 0;
  let failure: string | null = null;
  const settled = new EventEmitter();

  function start(): void {
    const child = fork(PROCESS_PATH, [JSON.stringify(processConfig)], { execArgv: ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    const worker: Worker = { child, ready: false, job: null };
    const startedAt = performance.now();
    workers.add(worker);
    let lastWords = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      process.stderr.write(chunk);
      lastWords = (lastWords + chunk.toString("utf8")).slice(-LAST_WORDS_CHARACTERS);
    });
    child.on("message", (message: ProofResponse | { kind: "ready" }) => {
      if (message.kind === "ready") becomeReady(worker);
      else finish(worker, message);
      dispatch();
    });
    child.on("error", (error) => {
      lastWords += error.message;
    });
    child.once("close", (code, signal) => {
      workers.delete(worker);
      if (worker.job !== null) retry(worker.job);
      if (closed) return;
      if (!worker.ready) failStart(lastWords.trim() || `ended with ${signal ?? `exit code ${code}`}`);
      // A process that dies at once must not be restarted in a tight loop.
      const livedSeconds = (performance.now() - startedAt) / 1000;
      const timer = setTimeout(() => {
        restarts.delete(timer);
        start();
      }, 1000 * pauseSeconds(livedSeconds));
      restarts.add(timer);
    });
  }

  function becomeReady(worker: Worker): void {
    worker.ready = true;
    if (failure !== null) config.logger?.info({ failedStarts }, "a prover process could start again");
    failedStarts = 0;
    failure = null;
    settled.emit("settled");
  }

  /** A process that could not begin: after a few in a row nothing waits in silence any more; starts go on, ever slower. */
  function failStart(reason: string): void {
    failedStarts += 1;
    if (failedStarts < STARTS_BEFORE_FAILURE || [...workers].some((worker) => worker.ready)) return;
    if (failure === null) config.logger?.error({ failedStarts, reason }, "no prover process can start; nothing is proven until one can");
    failure = reason;
    settled.emit("settled");
    for (const job of waiting.splice(0)) job.reject(unavailable());
  }

  async function ready(): Promise<void> {
    while (![...workers].some((worker) => worker.ready)) {
      if (failure !== null) throw unavailable();
      if (closed) throw new ThreadlineError("prover-closed", "the prover was closed before it could prove");
      await once(settled, "settled");
    }
  }

  function pauseSeconds(livedSeconds: number): number {
    if (failedStarts > 0) return Math.min(MOST_SECONDS_BETWEEN_STARTS, FEWEST_SECONDS_BETWEEN_CRASHES * 2 ** (failedStarts - 1));
    return livedSeconds < FEWEST_SECONDS_BETWEEN_CRASHES ? FEWEST_SECONDS_BETWEEN_CRASHES : 0;
  }

  function unavailable(): ThreadlineError {
    return new ThreadlineError("prover-unavailable", `no prover process can start; the last one said: ${failure}`, { failedStarts });
  }

  function finish(worker: Worker, response: ProofResponse): void {
    const { job } = worker;
    if (job === null || job.jobId !== response.jobId) return;
    worker.job = null;
    if (response.kind === "proven") {
      const { proof, publicSignals, provingSeconds, peakMemoryBytes } = response;
      job.resolve({ proof, publicSignals, provingSeconds, peakMemoryBytes });
    } else job.reject(new ThreadlineError(response.code, response.error, { circuit: job.circuit }));
  }

  function retry(job: Job): void {
    if (closed) job.reject(new ThreadlineError("prover-closed", "the prover was closed before the proof was made"));
    else if (job.begun < attempts) waiting.unshift(job);
    else job.reject(new ThreadlineError("prover-crashed", `the prover process died in each of ${attempts} attempts; is there enough memory?`, { circuit: job.circuit, attempts }));
  }

  function dispatch(): void {
    for (const worker of workers) {
      if (!worker.ready || worker.job !== null || !worker.child.connected) continue;
      const job = waiting.shift();
      if (job === undefined) return;
      worker.job = job;
      job.begun += 1;
      const { jobId, circuit, circuitInputs } = job;
      worker.child.send({ jobId, circuit, circuitInputs } satisfies ProofRequest, () => {});
    }
  }

  function prove(circuit: CircuitName, inputs: CircuitInputs): Promise<MadeProof> {
    if (closed) return Promise.reject(new ThreadlineError("prover-closed", "the prover is closed"));
    if (failure !== null) return Promise.reject(unavailable());
    return new Promise((resolve, reject) => {
      numberOfJobs += 1;
      waiting.push({ jobId: String(numberOfJobs), circuit, circuitInputs: inputs, begun: 0, resolve, reject });
      dispatch();
    });
  }

  async function close(): Promise<void> {
    closed = true;
    settled.emit("settled");
    restarts.forEach((timer) => clearTimeout(timer));
    for (const job of waiting.splice(0)) job.reject(new ThreadlineError("prover-closed", "the prover was closed before the proof was made"));
    await Promise.all(
      [...workers].map(({ child }) => {
        const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        if (child.connected) child.disconnect();
        return ended;
      }),
    );
  }

  for (let index = 0; index < Math.max(1, config.workers); index += 1) start();
  const status = (): WorkerStatus[] => [...workers].map(({ child, ready, job }) => ({ processId: child.pid, ready, proving: job !== null }));
  return { prove, ready, failure: () => failure, workers: status, close };
}
