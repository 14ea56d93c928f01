import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ThreadlineError } from "../../model/errors.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** What circuits/keys/lock.json holds for a circuit: sha256 of every artifact that must belong together. */
const circuitLockSchema = z.strictObject({
  phaseOne: sha256Schema,
  r1cs: sha256Schema,
  wasm: sha256Schema,
  zkey: sha256Schema,
  verificationKey: sha256Schema,
  transcript: sha256Schema,
  verifier: sha256Schema,
});

const lockSchema = z.record(z.string(), circuitLockSchema);

export type CircuitLock = z.output<typeof circuitLockSchema>;

export interface CircuitArtifactPaths {
  /** Compiled: not in version control. */
  r1cs: string;
  wasm: string;
  /** Development keys: in version control. */
  zkey: string;
  verificationKey: string;
  transcript: string;
}

/** Where a circuit's artifacts lie: compiled ones under the build directory, keys under `keys` of the circuits directory. */
export function circuitArtifactPaths(circuit: string, directories: { circuitsDirectory: string; buildDirectory: string }): CircuitArtifactPaths {
  const keys = join(directories.circuitsDirectory, "keys");
  return {
    r1cs: join(directories.buildDirectory, `${circuit}.r1cs`),
    wasm: join(directories.buildDirectory, `${circuit}.wasm`),
    zkey: join(keys, `${circuit}.dev.zkey`),
    verificationKey: join(keys, `${circuit}.dev.verification-key.json`),
    transcript: join(keys, `${circuit}.dev.transcript.json`),
  };
}

/** Reads circuits/keys/lock.json. */
export async function readArtifactLock(circuitsDirectory: string): Promise<Record<string, CircuitLock>> {
  return lockSchema.parse(JSON.parse(await readFile(join(circuitsDirectory, "keys", "lock.json"), "utf8")));
}

export async function sha256OfFile(path: string): Promise<string> {
  return createHash("sha256").update(await readFile(path)).digest("hex");
}

/** Compares files with their locked hashes; throws `artifact-mismatch` naming the first that is absent or differs. */
export async function assertArtifacts(circuit: string, files: Partial<Record<keyof CircuitLock, string>>, lock: CircuitLock | undefined): Promise<void> {
  if (lock === undefined) throw new ThreadlineError("artifact-mismatch", `circuits/keys/lock.json has no circuit "${circuit}"; make its keys first`, { circuit });
  for (const [kind, path] of Object.entries(files) as [keyof CircuitLock, string][]) {
    const expected = lock[kind];
    const actual = await sha256OfFile(path).catch(() => "absent");
    if (actual !== expected)
      throw new ThreadlineError("artifact-mismatch", `${kind} of ${circuit} is ${actual}, the lock says ${expected}; build the circuits again, or restore the committed keys`, {
        circuit,
        kind,
        path,
        expected,
        actual,
      });
  }
}
