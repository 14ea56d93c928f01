import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

interface Product {
  name: string;
  sources: string[];
  /** Must exist for the product to count as built. */
  output: string;
  command: string[];
}

const PRODUCTS: Product[] = [
  {
    name: "contracts and their types",
    sources: ["contracts", "hardhat.config.ts", "package-lock.json"],
    output: "artifacts/contracts",
    command: ["node_modules/hardhat/dist/src/cli.js", "build", "--quiet"],
  },
  {
    name: "circuits",
    sources: ["circuits", "scripts/circuits", "package-lock.json"],
    output: "build/circuits",
    command: ["scripts/circuits/build.ts"],
  },
];

/** Builds what is missing or older than its sources; says what it does, step by step, through `report`. */
export async function ensureBuilt(report: (line: string) => void): Promise<void> {
  const stale = PRODUCTS.map((product) => ({ product, hash: hashOf(product.sources) })).filter(
    ({ product, hash }) => !existsSync(join(projectRoot, product.output)) || stampOf(product) !== hash,
  );
  for (const [index, { product, hash }] of stale.entries()) {
    report(`building ${index + 1}/${stale.length}: ${product.name}`);
    await runNode(product.command);
    writeFileSync(stampFile(product), hash);
  }
}

function stampFile(product: Product): string {
  const directory = join(projectRoot, "build", "stamps");
  mkdirSync(directory, { recursive: true });
  return join(directory, product.name.replaceAll(" ", "-"));
}

function stampOf(product: Product): string | undefined {
  const file = stampFile(product);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function hashOf(sources: string[]): string {
  const hash = createHash("sha256");
  for (const file of sources.flatMap((source) => filesUnder(join(projectRoot, source)))) {
    hash.update(`${relative(projectRoot, file)}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true })
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]));
  } catch {
    return [path];
  }
}

/** Runs a script of the project under this Node; its output is shown only when it fails. */
export function runNode(command: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", ...command], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command.join(" ")} ended with ${code}:\n${output.slice(-8000)}`)),
    );
  });
}
