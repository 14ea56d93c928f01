/** The gate: fails unless circuits, keys, generated verifiers and types belong together and every key is sound. */
import { readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { zKey } from "snarkjs";
import { assertArtifacts, circuitArtifactPaths, readArtifactLock } from "../../services/proving/prover/artifact-lock.ts";
import { endCurveWorkers } from "../../services/proving/prover/curve-workers.ts";
import { buildCircuits } from "./build.ts";
import { generatedSources, renderVerifier, verifierPath } from "./generate.ts";
import { keyFaults, verificationKeySchema, verifierFaults } from "./key-soundness.ts";
import { directoriesOf, projectRoot, readManifest } from "./manifest.ts";
import type { CircuitManifest } from "./manifest.ts";
import { readKeyContributions } from "./proving-key-file.ts";

/** Everything that does not belong together, one line each; empty when all is well. Compiles stale circuits first. */
export async function checkCircuits(root: string = projectRoot): Promise<string[]> {
  await buildCircuits(root);
  const faults: string[] = [];
  for (const [path, text] of generatedSources(root))
    if ((await readFile(path, "utf8").catch(() => "")) !== text) faults.push(`${relative(root, path)} is not what the manifest says; run scripts/circuits/generate.ts`);
  for (const [circuit, manifest] of Object.entries(readManifest(root)))
    faults.push(...(await checkCircuit(root, circuit, manifest)).map((fault) => `${circuit}: ${fault}`));
  return faults;
}

async function checkCircuit(root: string, circuit: string, manifest: CircuitManifest): Promise<string[]> {
  const directories = directoriesOf(root);
  const paths = circuitArtifactPaths(circuit, directories);
  const verifier = verifierPath(directories, manifest);
  const faults: string[] = [];

  // 1. One lock binds the compiled circuit, the key and the verifier.
  const lock = await readArtifactLock(directories.circuitsDirectory);
  for (const [kind, path] of Object.entries({ ...paths, verifier }))
    await assertArtifacts(circuit, { [kind]: path }, lock[circuit]).catch((error: Error) => faults.push(error.message));
  if (![paths.zkey, paths.verificationKey, verifier].every((path) => /dev/i.test(basename(path)))) faults.push("a development artifact does not say dev in its name");

  // 2. The compiler's order of public signals is the manifest's.
  const wires = await publicWires(join(directories.buildDirectory, `${circuit}.sym`), manifest.publicSignals.length);
  const names = manifest.publicSignals.map((signal) => `main.${signal.name}`);
  if (!isDeepStrictEqual(wires, names)) faults.push(`public signals are compiled as ${wires.join(", ")}, the manifest says ${names.join(", ")}`);

  // 3. The committed verifying key and verifier are those of the proving key.
  const committed = verificationKeySchema.parse(JSON.parse(await readFile(paths.verificationKey, "utf8")));
  const exported: unknown = JSON.parse(JSON.stringify(await zKey.exportVerificationKey(paths.zkey)));
  if (!isDeepStrictEqual(exported, JSON.parse(JSON.stringify(committed)))) faults.push("the verifying key is not the proving key's");
  const solidity = await readFile(verifier, "utf8");
  faults.push(...verifierFaults(solidity, committed));
  if (solidity !== (await renderVerifier(paths.zkey, manifest))) faults.push(`${basename(verifier)} is not what snarkjs generates for the proving key`);

  // 4. The key is sound and its record of contributions is the published one.
  const contributions = await readKeyContributions(paths.zkey);
  faults.push(...keyFaults(committed, contributions, manifest.publicSignals.length));
  const transcript = JSON.parse(await readFile(paths.transcript, "utf8")) as Record<string, unknown>;
  if (transcript.circuitHash !== contributions.circuitHash || !isDeepStrictEqual(transcript.contributions, contributions.contributions))
    faults.push("the transcript does not describe the proving key");
  return faults;
}

/** Names of the first wires after the constant one, in the compiler's order. */
async function publicWires(symbols: string, count: number): Promise<string[]> {
  const names = new Map<number, string>();
  for (const line of (await readFile(symbols, "utf8")).split("\n")) {
    const [, wire, , name] = line.split(",");
    if (name !== undefined && Number(wire) >= 1 && Number(wire) <= count && !names.has(Number(wire))) names.set(Number(wire), name);
  }
  return Array.from({ length: count }, (_, index) => names.get(index + 1) ?? "");
}

if (process.argv[1] === import.meta.filename) {
  const faults = await checkCircuits();
  await endCurveWorkers();
  faults.forEach((fault) => console.error(`✗ ${fault}`));
  console.log(faults.length === 0 ? "circuits, keys and verifiers belong together; keys are sound" : `${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
