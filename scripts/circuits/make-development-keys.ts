/**
 * Makes the development proving keys, bit for bit the same wherever it runs. NEVER for production: all randomness comes
 * from seeds that stand in this file, so anyone can forge proofs. Phase 1 takes minutes and is kept in build/circuits.
 * Run with: node scripts/circuits/make-development-keys.ts [CIRCUIT...], all circuits unless some are named.
 */
import { createHash } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getCurveFromName } from "ffjavascript";
import { powersOfTau, zKey } from "snarkjs";
import { circuitArtifactPaths, readArtifactLock, sha256OfFile } from "../../services/proving/prover/artifact-lock.ts";
import type { CircuitLock } from "../../services/proving/prover/artifact-lock.ts";
import { endCurveWorkers } from "../../services/proving/prover/curve-workers.ts";
import { buildCircuits } from "./build.ts";
import { generate, verifierPath } from "./generate.ts";
import { directoriesOf, projectRoot, readManifest } from "./manifest.ts";
import type { CircuitManifest } from "./manifest.ts";
import { readKeyContributions } from "./proving-key-file.ts";
import { withSeededRandomness } from "./seeded-randomness.ts";

const BEACON_NAME = "threadline-dev";
const BEACON_ITERATIONS_EXPONENT = 10;
const CONTRIBUTORS = ["threadline-dev contribution 1", "threadline-dev contribution 2"];
const silent = { info() {}, debug() {}, warn() {}, error: console.error };

const beaconHash = (phase: string): string => createHash("sha256").update(`threadline-dev ${phase} beacon`).digest("hex");

type Report = (line: string) => void;

/** Prepared powers of tau of the given size; a file present is used again if its hash is the expected one. */
export async function makePhaseOne(power: number, directory: string, expectedSha256: string | undefined, report: Report): Promise<string> {
  const prepared = join(directory, `dev-${power}.ptau`);
  const present = await sha256OfFile(prepared).catch(() => null);
  if (present !== null && (expectedSha256 === undefined || present === expectedSha256)) return prepared;
  report(`phase 1 of 2^${power}: takes minutes`);
  const fresh = `${prepared}.new`;
  const withBeacon = `${prepared}.beacon`;
  await mkdir(directory, { recursive: true });
  await powersOfTau.newAccumulator(await getCurveFromName("bn128"), power, fresh, silent);
  await powersOfTau.beacon(fresh, withBeacon, BEACON_NAME, beaconHash("phase-1"), BEACON_ITERATIONS_EXPONENT, silent);
  await powersOfTau.preparePhase2(withBeacon, prepared, silent);
  await Promise.all([rm(fresh), rm(withBeacon)]);
  return prepared;
}

/** Phase 2: set-up, two seeded contributions, a beacon. Writes the final key to `zkeyPath`. */
export async function makeProvingKey(circuit: string, r1cs: string, phaseOne: string, zkeyPath: string, report: Report): Promise<void> {
  const step = (number: number): string => `${zkeyPath}.${number}`;
  report(`${circuit}: set-up`);
  await zKey.newZKey(r1cs, phaseOne, step(0), silent);
  for (const [index, contributor] of CONTRIBUTORS.entries()) {
    report(`${circuit}: ${contributor}`);
    await withSeededRandomness(`${contributor} of ${circuit}`, () => zKey.contribute(step(index), step(index + 1), contributor, contributor, silent));
  }
  report(`${circuit}: beacon`);
  await zKey.beacon(step(CONTRIBUTORS.length), `${zkeyPath}.final`, BEACON_NAME, beaconHash(`${circuit} phase-2`), BEACON_ITERATIONS_EXPONENT, silent);
  await rename(`${zkeyPath}.final`, zkeyPath);
  await Promise.all([0, ...CONTRIBUTORS.map((_, index) => index + 1)].map((number) => rm(step(number))));
}

/** The phase-1 file of a size is one for all circuits: the hash that any circuit of this size is locked to. */
function lockedPhaseOne(power: number, manifests: Record<string, CircuitManifest>, lock: Record<string, CircuitLock>): string | undefined {
  const circuit = Object.keys(lock).find((name) => manifests[name]?.phaseOnePower === power);
  return circuit === undefined ? undefined : lock[circuit]?.phaseOne;
}

/** Makes, verifies and locks the keys of the named circuits; the others keep theirs. */
export async function makeDevelopmentKeys(root: string, report: Report, circuits: string[] = Object.keys(readManifest(root))): Promise<void> {
  await buildCircuits(root, report);
  const directories = directoriesOf(root);
  const manifests = readManifest(root);
  const earlier = await readArtifactLock(directories.circuitsDirectory).catch(() => ({}) as Awaited<ReturnType<typeof readArtifactLock>>);
  await mkdir(join(directories.circuitsDirectory, "keys"), { recursive: true });
  const lock: Record<string, Record<string, string>> = {};
  for (const [circuit, manifest] of Object.entries(manifests)) {
    if (!circuits.includes(circuit)) {
      lock[circuit] = { ...earlier[circuit] };
      continue;
    }
    const paths = circuitArtifactPaths(circuit, directories);
    const phaseOne = await makePhaseOne(manifest.phaseOnePower, directories.buildDirectory, lockedPhaseOne(manifest.phaseOnePower, manifests, earlier), report);
    await makeProvingKey(circuit, paths.r1cs, phaseOne, paths.zkey, report);
    report(`${circuit}: verifying the key against circuit and phase 1`);
    if (!(await zKey.verifyFromR1cs(paths.r1cs, phaseOne, paths.zkey, silent))) throw new Error(`the proving key of ${circuit} does not verify`);
    await writeJson(paths.verificationKey, await zKey.exportVerificationKey(paths.zkey, silent));
    await writeJson(paths.transcript, { circuit, purpose: "development only", phaseOne: { power: manifest.phaseOnePower, sha256: await sha256OfFile(phaseOne), beaconHash: beaconHash("phase-1") }, ...(await readKeyContributions(paths.zkey)) });
    lock[circuit] = { phaseOne: await sha256OfFile(phaseOne) };
  }
  await generate(root);
  for (const circuit of circuits) {
    const manifest = manifests[circuit];
    if (manifest === undefined) throw new Error(`circuits.json has no circuit "${circuit}"`);
    for (const [kind, path] of Object.entries({ ...circuitArtifactPaths(circuit, directories), verifier: verifierPath(directories, manifest) }))
      lock[circuit] = { ...lock[circuit], [kind]: await sha256OfFile(path) };
  }
  await writeJson(join(directories.circuitsDirectory, "keys", "lock.json"), lock);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (process.argv[1] === import.meta.filename) {
  const named = process.argv.slice(2);
  await makeDevelopmentKeys(projectRoot, console.log, named.length === 0 ? undefined : named);
  await endCurveWorkers();
}
