import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groth16 } from "snarkjs";
import { setTimeout as sleep } from "node:timers/promises";
import { proverHealth } from "../../../services/network/health.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCircuits } from "../../../scripts/circuits/build.ts";
import { directoriesOf, projectRoot } from "../../../scripts/circuits/manifest.ts";
import { SAMPLE_INPUTS } from "../../../scripts/circuits/sample-inputs.ts";
import { CIRCUIT_NAMES } from "../../../services/model/circuit-inputs.ts";
import type { CircuitName } from "../../../services/model/circuit-inputs.ts";
import { segmentPublicSignals } from "../../../services/model/condition/index.ts";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { endCurveWorkers } from "../../../services/proving/prover/curve-workers.ts";
import { createProverPool } from "../../../services/proving/prover/prover-pool.ts";
import type { MadeProof, ProverPool } from "../../../services/proving/prover/prover-pool.ts";
import { goodSegment, honestInputs, statementOf } from "../../circuits/support/segments.ts";

const { circuitsDirectory, buildDirectory } = directoriesOf(projectRoot);
const segment = goodSegment(9);

/** Kills the process that is making a proof, the moment it has begun. */
async function killProving(pool: ProverPool): Promise<number> {
  for (;;) {
    const victim = pool.workers().find((worker) => worker.proving)?.processId;
    if (victim !== undefined) {
      process.kill(victim, "SIGKILL");
      return victim;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a prover pool", () => {
  let pool: ProverPool;
  let made: MadeProof;
  let verificationKey: unknown;

  beforeAll(async () => {
    await buildCircuits();
    verificationKey = JSON.parse(await readFile(join(circuitsDirectory, "keys", "condition-segment.dev.verification-key.json"), "utf8"));
    pool = await createProverPool({ workers: 1, circuitsDirectory, buildDirectory });
    made = await pool.prove("condition-segment", honestInputs(segment));
  });
  afterAll(async () => {
    await pool.close();
    await endCurveWorkers();
  });

  it("makes a proof of the statement's public signals", async () => {
    expect(made.publicSignals).toEqual(segmentPublicSignals(statementOf(segment)).ordered.map(String));
    expect(made.provingSeconds).toBeGreaterThan(0);
    expect(await groth16.verify(verificationKey, made.publicSignals, made.proof)).toBe(true);
  });

  it("makes no proof that verifies for another value of any public signal, nor for the same one plus the field's order", async () => {
    for (const [place, signal] of made.publicSignals.entries())
      for (const other of [(BigInt(signal) + 1n) % FIELD_ORDER, BigInt(signal) + FIELD_ORDER]) {
        const signals = made.publicSignals.with(place, String(other));
        expect([place, await groth16.verify(verificationKey, signals, made.proof)]).toEqual([place, false]);
      }
    expect(await groth16.verify(verificationKey, [...made.publicSignals].reverse(), made.proof)).toBe(false);
  });

  it("refuses inputs that break the statement, and goes on", async () => {
    const inputs = { ...honestInputs(segment), context: "1" };
    await expect(pool.prove("condition-segment", inputs)).rejects.toMatchObject({ code: "witness-refused" });
    await expect(pool.prove("other-circuit" as CircuitName, inputs)).rejects.toMatchObject({ code: "circuit-unknown" });
    expect(pool.workers()).toMatchObject([{ ready: true, proving: false }]);
  });

  it("begins a proof again when its process is killed", async () => {
    const proving = pool.prove("condition-segment", honestInputs(segment));
    const victim = await killProving(pool);
    expect((await proving).publicSignals).toEqual(made.publicSignals);
    expect(pool.workers().map((worker) => worker.processId)).not.toContain(victim);
  });
});

describe("a prover pool of several circuits", () => {
  it("proves each job's own circuit, in one process, and none it was not started with", async () => {
    const pool = await createProverPool({ workers: 1, circuitsDirectory, buildDirectory });
    const made = await Promise.all(CIRCUIT_NAMES.map((circuit) => pool.prove(circuit, SAMPLE_INPUTS[circuit]())));
    for (const [place, circuit] of CIRCUIT_NAMES.entries()) {
      const key: unknown = JSON.parse(await readFile(join(circuitsDirectory, "keys", `${circuit}.dev.verification-key.json`), "utf8"));
      const verified = await Promise.all(made.map(({ publicSignals, proof }) => groth16.verify(key, publicSignals, proof).catch(() => false)));
      expect(verified).toEqual(CIRCUIT_NAMES.map((_, other) => other === place));
    }
    await expect(pool.prove("identity-link", SAMPLE_INPUTS["batch-release"]())).rejects.toMatchObject({ code: "witness-refused" });
    await pool.close();
    const one = await createProverPool({ workers: 1, circuitsDirectory, buildDirectory, circuits: ["identity-link"] });
    await expect(one.prove("batch-release", SAMPLE_INPUTS["batch-release"]())).rejects.toMatchObject({ code: "circuit-unknown" });
    await one.close();
    await endCurveWorkers();
  });
});

describe("a prover pool that crashes or closes", () => {
  it("gives a proof up after the attempts allowed, and closes with work waiting", async () => {
    const pool = await createProverPool({ workers: 1, circuitsDirectory, buildDirectory, attempts: 1 });
    const proving = pool.prove("condition-segment", honestInputs(segment));
    const waiting = pool.prove("condition-segment", honestInputs(segment));
    const outcomes = Promise.allSettled([proving, waiting]);
    await killProving(pool);
    await expect(proving).rejects.toMatchObject({ code: "prover-crashed" });
    await pool.close();
    expect(await outcomes).toMatchObject([{ reason: { code: "prover-crashed" } }, { reason: { code: "prover-closed" } }]);
    await expect(pool.prove("condition-segment", honestInputs(segment))).rejects.toMatchObject({ code: "prover-closed" });
  });
});

describe("artifacts that are not the locked ones", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "threadline-prover-"));
    await mkdir(join(directory, "keys"));
    await cp(join(circuitsDirectory, "keys"), join(directory, "keys"), { recursive: true });
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("keep the prover from starting", async () => {
    const path = join(directory, "keys", "condition-segment.dev.verification-key.json");
    const original = await readFile(path, "utf8");
    await writeFile(path, original.replace("groth16", "groth17"));
    await expect(createProverPool({ workers: 1, circuitsDirectory: directory, buildDirectory })).rejects.toMatchObject({ code: "artifact-mismatch", details: { kind: "verificationKey" } });
    await rm(path);
    await expect(createProverPool({ workers: 1, circuitsDirectory: directory, buildDirectory })).rejects.toMatchObject({ details: { kind: "verificationKey", actual: "absent" } });
    await writeFile(path, original);
    await expect(createProverPool({ workers: 1, circuitsDirectory: directory, buildDirectory: directory })).rejects.toMatchObject({ details: { kind: "wasm" } });
  });
});

describe("a prover pool whose processes cannot start", () => {
  it("says so with their last words, refuses proofs instead of letting them wait, and recovers once they can", { timeout: 180_000 }, async () => {
    const copy = await mkdtemp(join(tmpdir(), "threadline-unstartable-"));
    const wasm = join(copy, "build", "condition-segment.wasm");
    await mkdir(join(copy, "build"));
    await cp(join(circuitsDirectory, "keys"), join(copy, "circuits", "keys"), { recursive: true });
    await cp(join(buildDirectory, "condition-segment.wasm"), wasm);
    const lines: string[] = [];
    const logger = { info: (_facts: object, line: string) => void lines.push(line), error: (_facts: object, line: string) => void lines.push(line) };
    const pool = await createProverPool({
      workers: 1, circuits: ["condition-segment"], circuitsDirectory: join(copy, "circuits"), buildDirectory: join(copy, "build"), logger,
    });
    try {
      // The artifacts were as locked when the pool looked; they are gone when its process does.
      await rm(wasm);
      const waiting = pool.prove("condition-segment", honestInputs(segment));
      await expect(pool.ready()).rejects.toMatchObject({ code: "prover-unavailable", message: expect.stringContaining("condition-segment.wasm") });
      await expect(waiting).rejects.toMatchObject({ code: "prover-unavailable" });
      await expect(pool.prove("condition-segment", honestInputs(segment))).rejects.toMatchObject({ code: "prover-unavailable" });
      expect(pool.failure()).toContain("condition-segment.wasm");
      expect(proverHealth(pool)).toEqual({ ok: false, problem: expect.stringMatching(/no prover process can start.*condition-segment\.wasm/s) });
      await sleep(5_000);
      expect(lines).toEqual(["no prover process can start; nothing is proven until one can"]);
      await cp(join(buildDirectory, "condition-segment.wasm"), wasm);
      while (pool.failure() !== null) await new Promise((resolve) => setTimeout(resolve, 100));
      await pool.ready();
      expect(proverHealth(pool)).toEqual({ ok: true, processes: 1, ready: 1 });
      expect(lines.slice(1)).toEqual(["a prover process could start again"]);
      expect((await pool.prove("condition-segment", honestInputs(segment))).publicSignals).toHaveLength(6);
    } finally {
      await pool.close();
      await rm(copy, { recursive: true, force: true });
    }
  });
});
