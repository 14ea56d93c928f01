/** Writes what is derived from circuits/circuits.json and the verifying keys: TypeScript types, Solidity accessors and verifiers. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { zKey } from "snarkjs";
import { endCurveWorkers } from "../../services/proving/prover/curve-workers.ts";
import { circuitArtifactPaths } from "../../services/proving/prover/artifact-lock.ts";
import { directoriesOf, projectRoot, readManifest } from "./manifest.ts";
import type { CircuitManifest, ProjectDirectories, PublicSignal } from "./manifest.ts";

const NOTICE = "Generated from circuits/circuits.json by scripts/circuits/generate.ts; do not edit.";

/** `condition-segment` → `ConditionSegment`. */
export function pascalCase(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_match, _hyphen, letter: string) => letter.toUpperCase());
}

function constantCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_").toUpperCase();
}

function renderParameters(parameters: Record<string, number>): string {
  const members = Object.entries(parameters).map(([name, value]) => `${name}: ${value}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** The TypeScript types of a circuit's public signals, and the packing of signals that have parts. */
export function renderTypeScript(circuit: string, manifest: CircuitManifest): string {
  const name = pascalCase(circuit);
  const lines = [
    `// ${NOTICE}`,
    "",
    `export const ${constantCase(circuit)} = {`,
    `  name: ${JSON.stringify(circuit)},`,
    `  parameters: ${renderParameters(manifest.parameters)},`,
    `  publicSignals: [${manifest.publicSignals.map((signal) => JSON.stringify(signal.name)).join(", ")}],`,
    "} as const;",
    "",
    "/** Public signals by name; each is below the field's order. */",
    `export interface ${name}Signals {`,
    ...manifest.publicSignals.flatMap((signal) => [`  /** ${signal.title} ${signal.bits} bits. */`, `  ${signal.name}: bigint;`]),
    "}",
  ];
  for (const signal of manifest.publicSignals) if (signal.parts) lines.push("", ...renderTypeScriptPacking(name, signal));
  return `${lines.join("\n")}\n`;
}

function renderTypeScriptPacking(circuit: string, signal: PublicSignal): string[] {
  const title = pascalCase(signal.name);
  const parts = signal.parts ?? [];
  return [
    `/** Parts of the public signal \`${signal.name}\`, low to high. */`,
    `export interface ${circuit}${title} {`,
    ...parts.flatMap((part) => [`  /** ${part.bits} bits, ${part.unit}. */`, `  ${part.name}: number;`]),
    "}",
    "",
    `const ${signal.name}Bits: readonly (readonly [keyof ${circuit}${title}, number])[] = [`,
    ...parts.map((part) => `  [${JSON.stringify(part.name)}, ${part.bits}],`),
    "];",
    "",
    `/** Packs the parts of \`${signal.name}\`; throws RangeError for a part that does not fit. */`,
    `export function pack${title}(parts: ${circuit}${title}): bigint {`,
    "  let packed = 0n;",
    "  let shift = 0n;",
    `  for (const [name, bits] of ${signal.name}Bits) {`,
    "    const value = parts[name];",
    "    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) throw new RangeError(`${name} is ${value}, which is not an unsigned integer of ${bits} bits`);",
    "    packed |= BigInt(value) << shift;",
    "    shift += BigInt(bits);",
    "  }",
    "  return packed;",
    "}",
    "",
    `/** The inverse of \`pack${title}\`. */`,
    `export function unpack${title}(packed: bigint): ${circuit}${title} {`,
    "  const parts: Record<string, number> = {};",
    "  let rest = packed;",
    `  for (const [name, bits] of ${signal.name}Bits) {`,
    "    parts[name] = Number(BigInt.asUintN(bits, rest));",
    "    rest >>= BigInt(bits);",
    "  }",
    `  if (rest !== 0n) throw new RangeError(\`\${packed} has more bits than ${signal.name}\`);`,
    `  return parts as unknown as ${circuit}${title};`,
    "}",
  ];
}

/** The Solidity library that names the places of public signals and packs those that have parts. */
export function renderSolidity(circuit: string, manifest: CircuitManifest): string {
  const lines = [
    "// SPDX-License-Identifier: Apache-2.0",
    "pragma solidity ^0.8.28;",
    "",
    `/// @title Places of the public signals of the circuit \`${circuit}\`.`,
    `/// @notice ${NOTICE}`,
    `library ${pascalCase(circuit)}Signals {`,
    `    uint256 internal constant COUNT = ${manifest.publicSignals.length};`,
    `    /// @notice Order of the scalar field: every public signal must be below it.`,
    `    uint256 internal constant FIELD_ORDER =`,
    `        21888242871839275222246405745257275088548364400416034343698204186575808495617;`,
    ...Object.entries(manifest.parameters).map(([name, value]) => `    uint256 internal constant ${constantCase(name)} = ${value};`),
    "",
    ...manifest.publicSignals.flatMap((signal, place) => [`    /// @notice ${signal.title}`, `    uint256 internal constant ${constantCase(signal.name)} = ${place};`]),
  ];
  for (const signal of manifest.publicSignals) if (signal.parts) lines.push("", ...renderSolidityPacking(`${pascalCase(circuit)}Signals`, signal));
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

function renderSolidityPacking(library: string, signal: PublicSignal): string[] {
  const parts = signal.parts ?? [];
  const shifts = parts.map((_part, place) => parts.slice(0, place).reduce((sum, part) => sum + part.bits, 0));
  const pascal = pascalCase(signal.name);
  return [
    `    /// @notice Thrown when a part of \`${signal.name}\` does not fit its bits.`,
    `    error ${library}${pascal}PartTooWide(uint256 part, uint256 bits);`,
    "",
    `    /// @notice ${signal.title}`,
    ...parts.map((part) => `    /// @param ${part.name} ${part.bits} bits, ${part.unit}`),
    `    function ${signal.name}(`,
    parts.map((part) => `        uint256 ${part.name}`).join(",\n"),
    "    ) internal pure returns (uint256 packed) {",
    ...parts.map((part, place) => `        packed ${place === 0 ? "=" : "|="} fit(${part.name}, ${part.bits})${shifts[place] === 0 ? "" : ` << ${shifts[place]}`};`),
    "    }",
    "",
    "    function fit(uint256 part, uint256 bits) private pure returns (uint256) {",
    `        if (part >> bits != 0) revert ${library}${pascal}PartTooWide(part, bits);`,
    "        return part;",
    "    }",
  ];
}

/** The Solidity interface of a circuit's verifier: as many public signals as the manifest names. */
export function renderVerifierInterface(circuit: string, manifest: CircuitManifest): string {
  return `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The generated Groth16 verifier of the circuit \`${circuit}\`.
interface I${pascalCase(circuit)}Verifier {
    function verifyProof(
        uint256[2] calldata proofA,
        uint256[2][2] calldata proofB,
        uint256[2] calldata proofC,
        uint256[${manifest.publicSignals.length}] calldata publicSignals
    ) external view returns (bool);
}
`;
}

/** snarkjs' own verifier for a proving key, under the manifest's contract name. Keeps the template's GPL-3.0 header. */
export async function renderVerifier(zkeyPath: string, manifest: CircuitManifest): Promise<string> {
  const snarkjs = dirname(createRequire(import.meta.url).resolve("snarkjs"));
  const groth16 = await readFile(join(snarkjs, "..", "templates", "verifier_groth16.sol.ejs"), "utf8");
  const source = (await zKey.exportSolidityVerifier(zkeyPath, { groth16 })) as string;
  return source.replace("contract Groth16Verifier", `contract ${manifest.verifier}`).replaceAll(/[ \t]+$/gm, "");
}

export function verifierPath(directories: ProjectDirectories, manifest: CircuitManifest): string {
  return join(directories.verifiersDirectory, `${manifest.verifier}.sol`);
}

/** Text of every generated file that needs no key, by path. */
export function generatedSources(root: string = projectRoot): Map<string, string> {
  const directories = directoriesOf(root);
  const files = new Map<string, string>();
  for (const [circuit, manifest] of Object.entries(readManifest(root))) {
    files.set(join(directories.modelDirectory, manifest.model, "signals.generated.ts"), renderTypeScript(circuit, manifest));
    files.set(join(directories.verifiersDirectory, `${pascalCase(circuit)}Signals.sol`), renderSolidity(circuit, manifest));
    files.set(join(directories.interfacesDirectory, `I${pascalCase(circuit)}Verifier.sol`), renderVerifierInterface(circuit, manifest));
  }
  return files;
}

/** Writes all generated files; verifiers only for circuits whose key exists. */
export async function generate(root: string = projectRoot, options: { verifiers: boolean } = { verifiers: true }): Promise<string[]> {
  const directories = directoriesOf(root);
  const files = generatedSources(root);
  if (options.verifiers)
    for (const [circuit, manifest] of Object.entries(readManifest(root)))
      files.set(verifierPath(directories, manifest), await renderVerifier(circuitArtifactPaths(circuit, directories).zkey, manifest));
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return [...files.keys()];
}

if (process.argv[1] === import.meta.filename) {
  for (const path of await generate(projectRoot, { verifiers: !process.argv.includes("--sources-only") })) console.log(`wrote ${path}`);
  await endCurveWorkers();
}
