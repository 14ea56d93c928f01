/** The determinism audit over every circuit of the manifest. Run with: node scripts/circuits/audit.ts [CIRCUIT] */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nameOfFinding, readAllowances, reviewAgainst } from "./audit/allowances.ts";
import { loadCompiledCircuit } from "./audit/compiled-circuit.ts";
import type { CompiledCircuit } from "./audit/compiled-circuit.ts";
import { auditHonestInputs, findFreeInputs } from "./audit/determinism.ts";
import type { Finding } from "./audit/determinism.ts";
import { fixtureOf } from "./audit/fixtures/index.ts";
import { compileSources, readSources, sizedEntry } from "./audit/workspace.ts";
import { buildCircuits } from "./build.ts";
import { directoriesOf, projectRoot, readManifest } from "./manifest.ts";

export interface AuditReport {
  circuit: string;
  constraints: number;
  signals: number;
  witnesses: number;
  findings: Finding[];
  /** Reasons to fail, one line each. */
  faults: string[];
}

/** The circuit at the given sizes, or as the keys are made for it. */
export async function compiledForAudit(circuit: string, parameters?: Record<string, number>, root: string = projectRoot): Promise<CompiledCircuit> {
  const manifest = readManifest(root)[circuit];
  if (manifest === undefined) throw new RangeError(`circuits.json has no ${circuit}`);
  const sources = await readSources(root);
  const sizes = { ...manifest.parameters, ...parameters };
  if (parameters) sources.set(manifest.file, sizedEntry(sources.get(manifest.file) ?? "", manifest, sizes));
  const { path, wasm } = await compileSources(sources, manifest.file, { root });
  const fixture = fixtureOf(circuit);
  const [example] = fixture.honest(sizes);
  return loadCompiledCircuit(path, wasm, example?.inputs ?? {}, fixture.computedInputs);
}

/** Audits one circuit: at its full size against every honest witness, at the small one by altering its private inputs too. */
export async function auditCircuit(circuit: string, root: string = projectRoot): Promise<AuditReport> {
  const manifest = readManifest(root)[circuit];
  const fixture = fixtureOf(circuit);
  const full = await compiledForAudit(circuit, undefined, root);
  const honest = fixture.honest(manifest?.parameters ?? {});
  const findings = auditHonestInputs(full, honest);

  const small = await compiledForAudit(circuit, fixture.smallParameters, root);
  for (const { inputs } of fixture.honest({ ...manifest?.parameters, ...fixture.smallParameters }).slice(0, 1)) {
    const witness = small.witness(inputs);
    if (witness) findings.push(...findFreeInputs(small, witness));
  }
  const { unreviewed, stale } = reviewAgainst(findings.map(nameOfFinding), readAllowances(circuit, root).signals);
  const faults = [
    ...unreviewed.map((name) => `${name}: ${findings.find((finding) => nameOfFinding(finding) === name)?.detail ?? ""}`),
    ...stale.map((name) => `allowances.json lets ${name} pass, which the audit no longer finds: take the entry out`),
  ];
  if (!(await isTheBuiltCircuit(circuit, full, root))) faults.push("what was audited is not the circuit in build/circuits");
  return { circuit, constraints: full.compiledConstraints, signals: full.system.wires - 1, witnesses: honest.length, findings, faults };
}

async function isTheBuiltCircuit(circuit: string, audited: CompiledCircuit, root: string): Promise<boolean> {
  await buildCircuits(root);
  const built = await readFile(join(directoriesOf(root).buildDirectory, `${circuit}.r1cs`));
  return built.equals(await readFile(audited.file));
}

if (process.argv[1] === import.meta.filename) {
  let faults = 0;
  for (const circuit of process.argv[2] === undefined ? Object.keys(readManifest()) : [process.argv[2]]) {
    const report = await auditCircuit(circuit);
    const reviewed = report.findings.length - report.faults.length;
    console.log(`${circuit}: ${report.signals} signals, ${report.constraints} constraints, ${report.witnesses} honest witnesses; ${Math.max(reviewed, 0)} findings reviewed, ${report.faults.length} faults`);
    for (const fault of report.faults) console.log(`  ✗ ${fault}`);
    faults += report.faults.length;
  }
  console.log(faults === 0 ? "every signal of every circuit is decided by the inputs" : `${faults} faults`);
  process.exitCode = faults === 0 ? 0 : 1;
}
