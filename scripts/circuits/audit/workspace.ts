/** Compiles variants of a circuit (other sizes, edited sources) apart from build/circuits, once per version of the sources. */
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ThreadlineError } from "../../../services/model/errors.ts";
import { compileCircuit } from "../build.ts";
import { directoriesOf, projectRoot } from "../manifest.ts";
import type { CircuitManifest } from "../manifest.ts";

/** Source files of the circuits, `lib/range.circom` → text. */
export type Sources = Map<string, string>;

export interface CompiledPaths {
  /** Of the `.r1cs`, `.sym` and `_substitutions.json`, without the ending. */
  path: string;
  wasm: string;
}

export async function readSources(root: string = projectRoot): Promise<Sources> {
  const { circuitsDirectory } = directoriesOf(root);
  const files = (await readdir(circuitsDirectory, { recursive: true })).filter((file) => file.endsWith(".circom")).sort();
  return new Map(await Promise.all(files.map(async (file): Promise<[string, string]> => [file.replaceAll("\\", "/"), await readFile(join(circuitsDirectory, file), "utf8")])));
}

/** The circuit's entry with other template parameters, in the order of the manifest. Throws `circuit-entry-unreadable`. */
export function sizedEntry(entry: string, manifest: CircuitManifest, parameters: Record<string, number>): string {
  if (Object.keys(manifest.parameters).length === 0) return entry;
  const pattern = new RegExp(`(=\\s*${manifest.template})\\([^)]*\\)`);
  if (!pattern.test(entry)) throw new ThreadlineError("circuit-entry-unreadable", `${manifest.file} does not instantiate ${manifest.template}`);
  return entry.replace(pattern, `$1(${Object.keys(manifest.parameters).map((name) => parameters[name] ?? manifest.parameters[name]).join(", ")})`);
}

/**
 * Compiles `file` of the sources. Rejects with the compiler's own words. `unchecked` takes every `===` out, circomlib's too,
 * and simplifies nothing: not the circuit, but a calculator that follows the assignments whatever the inputs.
 */
export async function compileSources(sources: Sources, file: string, { root = projectRoot, unchecked = false } = {}): Promise<CompiledPaths> {
  const hash = createHash("sha256").update(`${file}${unchecked ? " unchecked" : ""}`);
  const texts = unchecked ? new Map([...sources].map(([name, text]) => [name, withoutChecks(text)])) : sources;
  for (const [name, text] of texts) hash.update(`${name}\0${text}\0`);
  const name = file.replace(/^.*\//, "").replace(/\.circom$/, "");
  const directory = join(directoriesOf(root).buildDirectory, "audit", `${name}-${hash.digest("hex").slice(0, 16)}`);
  const paths = { path: join(directory, name), wasm: join(directory, `${name}.wasm`) };
  if (await readFile(join(directory, "compiled"), "utf8").catch(() => null)) return paths;

  await rm(directory, { recursive: true, force: true });
  // The compiler follows no symbolic links and sees nothing outside its working directory: it gets a tree of its own.
  const tree = join(directory, "sources");
  for (const [source, text] of texts) {
    await mkdir(join(tree, source, ".."), { recursive: true });
    await writeFile(join(tree, source), text);
  }
  await cp(join(root, "node_modules", "circomlib", "circuits"), join(tree, "node_modules", "circomlib", "circuits"), { recursive: true, dereference: true });
  if (unchecked) await removeChecks(join(tree, "node_modules"));
  await compileCircuit(join(tree, file), join(tree, "out"), tree, unchecked ? ["--O0"] : ["--simplification_substitution"]);
  for (const ending of unchecked ? [".sym"] : [".r1cs", ".sym", "_substitutions.json"]) await rename(join(tree, "out", `${name}${ending}`), `${paths.path}${ending}`);
  await rename(join(tree, "out", `${name}_js`, `${name}.wasm`), paths.wasm);
  await rm(tree, { recursive: true, force: true });
  await writeFile(join(directory, "compiled"), "yes");
  return paths;
}

async function removeChecks(directory: string): Promise<void> {
  for (const file of (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".circom"))) await writeFile(join(directory, file), withoutChecks(await readFile(join(directory, file), "utf8")));
}

/** Every `===`, each on one line, becomes an empty block: a loop may have nothing else for a body. */
function withoutChecks(text: string): string {
  return text.replace(/(?<=^|[;{}])[^;{}\n/]*===[^;\n]*;/gm, "{}");
}
