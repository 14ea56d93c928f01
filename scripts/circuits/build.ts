/** Compiles the circuits into build/circuits when their sources, or the compiler, changed. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { directoriesOf, projectRoot, readManifest } from "./manifest.ts";

const require = createRequire(import.meta.url);

export interface BuildResult {
  circuit: string;
  compiled: boolean;
}

/** Builds every circuit of the manifest; `r1cs`, `wasm` and `sym` lie flat in build/circuits. */
export async function buildCircuits(root: string = projectRoot, report: (line: string) => void = () => {}): Promise<BuildResult[]> {
  const { circuitsDirectory, buildDirectory } = directoriesOf(root);
  await mkdir(buildDirectory, { recursive: true });
  const results: BuildResult[] = [];
  for (const [circuit, { file }] of Object.entries(readManifest(root))) {
    const outputs = ["r1cs", "wasm", "sym"].map((ending) => join(buildDirectory, `${circuit}.${ending}`));
    const stamp = join(buildDirectory, `${circuit}.sources.sha256`);
    const sources = await hashOfSources(circuitsDirectory);
    const fresh = (await readFile(stamp, "utf8").catch(() => "")) === (await stampText(sources, outputs));
    if (!fresh) {
      report(`compiling circuits/${file}`);
      await compileCircuit(join(circuitsDirectory, file), buildDirectory, root);
      await rename(join(buildDirectory, `${circuit}_js`, `${circuit}.wasm`), join(buildDirectory, `${circuit}.wasm`));
      await rm(join(buildDirectory, `${circuit}_js`), { recursive: true, force: true });
      await writeFile(stamp, await stampText(sources, outputs));
    }
    results.push({ circuit, compiled: !fresh });
  }
  return results;
}

/** Runs the circom compiler; output files are named after the source. Throws with the compiler's own words. */
export async function compileCircuit(source: string, outputDirectory: string, root: string = projectRoot, flags: string[] = []): Promise<string> {
  await mkdir(outputDirectory, { recursive: true });
  // The compiler sees paths below its working directory only, and follows no symbolic links.
  const parameters = [relative(root, source), "--O2", "--r1cs", "--wasm", "--sym", ...flags, "-l", "node_modules", "-o", relative(root, outputDirectory)];
  const child = spawn(process.execPath, ["--no-warnings", require.resolve("circom2/cli.js"), ...parameters], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`circom refused ${parameters[0]} (exit ${code}):\n${output}`);
  return output;
}

async function hashOfSources(circuitsDirectory: string): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(circuitsDirectory, { recursive: true })).filter((file) => file.endsWith(".circom")).sort();
  for (const file of files) hash.update(`${file}\0`).update(await readFile(join(circuitsDirectory, file)));
  for (const dependency of ["circom2", "circomlib"]) hash.update(`${dependency}@${versionOf(dependency)}\0`);
  return hash.digest("hex");
}

async function stampText(sources: string, outputs: string[]): Promise<string> {
  const hash = createHash("sha256").update(sources);
  for (const output of outputs) hash.update(await readFile(output).catch(() => "absent"));
  return hash.digest("hex");
}

function versionOf(dependency: string): string {
  return (require(`${dependency}/package.json`) as { version: string }).version;
}

if (process.argv[1] === import.meta.filename)
  for (const { circuit, compiled } of await buildCircuits(projectRoot, console.log)) console.log(`${circuit}: ${compiled ? "compiled" : "up to date"}`);
