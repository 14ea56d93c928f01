/**
 * Mutants of every circuit of the manifest, at the small size of its fixture, judged by forgeries and audit: every constraint
 * of the compiled system left out, every edit of the sources.
 * Run with: node scripts/circuits/mutants.ts [CIRCUIT] [--constraints N] [--sources N] [--least PERCENT] [--workers N]
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compiledForAudit } from "./audit.ts";
import { readAllowances, reviewAgainst } from "./audit/allowances.ts";
import { canonicalSystem } from "./audit/canonical-system.ts";
import { fixtureOf } from "./audit/fixtures/index.ts";
import { createUncheckedWitness } from "./audit/unchecked-witness.ts";
import { compileSources, readSources, sizedEntry } from "./audit/workspace.ts";
import { directoriesOf, projectRoot, readManifest } from "./manifest.ts";
import { judgeConstraintMutants } from "./mutants/constraint-mutants.ts";
import { createWitnessForger } from "./mutants/forged-witnesses.ts";
import { judgeSourceMutant } from "./mutants/judge-source.ts";
import { seededSample } from "./mutants/sampling.ts";
import { sourceMutants } from "./mutants/source-mutations.ts";
import { scoreOf } from "./mutants/verdict.ts";
import type { JudgedMutant, Score } from "./mutants/verdict.ts";

export interface MutationOptions {
  /** Sample of the constraints signals are derived by, see `judgeConstraintMutants`; all when left out. Those that only check are all judged. */
  constraints?: number;
  /** Sample of source edits; all when left out. */
  sources?: number;
  /** Compilations at a time, a core each. */
  workers?: number;
  report?: (line: string) => void;
}

export interface MutationReport {
  circuit: string;
  /** Mutants there are, before sampling. */
  generated: { constraints: number; sources: number };
  /** Constraints left out: all that were judged, and of these the ones that only check. */
  constraints: Score;
  checks: Score;
  sources: Score;
  /** Survivors nobody reviewed, and reviews of mutants that were judged and do not survive. A review explains; it kills nothing. */
  unreviewed: string[];
  stale: string[];
  mutants: JudgedMutant[];
}

export async function mutateCircuit(circuit: string, { constraints, sources: sourceSample = Infinity, workers = 1, report = () => {} }: MutationOptions = {}): Promise<MutationReport> {
  const manifest = readManifest()[circuit];
  if (manifest === undefined) throw new RangeError(`circuits.json has no ${circuit}`);
  const fixture = fixtureOf(circuit);
  const parameters = { ...manifest.parameters, ...fixture.smallParameters };
  const compiled = await compiledForAudit(circuit, parameters);
  const [honest, forged] = [fixture.honest(parameters), fixture.forged(parameters)];
  const sources = await readSources();
  sources.set(manifest.file, sizedEntry(sources.get(manifest.file) ?? "", manifest, parameters));

  const forger = createWitnessForger(compiled.system);
  const unchecked = createUncheckedWitness(compiled, await compileSources(sources, manifest.file, { unchecked: true }));
  for (const { name, inputs } of forged) {
    if (compiled.witness(inputs) !== null) throw new Error(`${circuit} accepts the forgery "${name}": either it is none, or the circuit is broken`);
    forger.take(name, unchecked(inputs));
  }
  const witnesses = honest.map(({ inputs }) => compiled.witness(inputs)).filter((witness) => witness !== null);
  const { deriving, checking } = judgeConstraintMutants(compiled, witnesses, forger.kills, constraints === undefined ? {} : { sample: constraints });

  const generated = sourceMutants(sources, manifest.file);
  const queue = seededSample(generated, sourceSample, "source mutants 1", ({ name }) => name);
  const reviewed = readAllowances(circuit);
  const trial = { sources, entry: manifest.file, computedInputs: fixture.computedInputs, original: canonicalSystem(compiled.system), honest, forged, reviewed: reviewed.signals };
  const edited: JudgedMutant[] = [];
  const work = async (): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const verdict = await judgeSourceMutant(mutant, trial);
      report(`${verdict.killed ?? "SURVIVES"} ${mutant.name}${"by" in verdict ? ` (${verdict.by})` : ""}`);
      edited.push({ name: mutant.name, verdict });
    }
  };
  await Promise.all(Array.from({ length: workers }, work));

  const mutants = [...deriving, ...checking, ...edited];
  const survivors = scoreOf(mutants).survivors;
  const wasJudged = reviewed.mutants.filter(({ name }) => mutants.some((mutant) => mutant.name === name));
  return {
    circuit,
    generated: { constraints: compiled.compiledConstraints, sources: generated.length },
    constraints: scoreOf([...deriving, ...checking]),
    checks: scoreOf(checking),
    sources: scoreOf(edited),
    unreviewed: reviewAgainst(survivors, reviewed.mutants).unreviewed,
    stale: reviewAgainst(survivors, wasJudged).stale,
    mutants,
  };
}

function line(what: string, generated: number, { killed, judged, percent, by, stillborn, equivalent }: Score): string {
  const how = Object.entries(by).map(([name, count]) => `${name} ${count}`).join(", ");
  return `  ${what}: ${killed} of ${judged} killed, ${percent.toFixed(1)} % (${how}); of ${generated} generated ${equivalent} compile to the circuit itself, ${stillborn} not at all`;
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { constraints: { type: "string" }, sources: { type: "string" }, least: { type: "string", default: "95" }, workers: { type: "string", default: "1" } },
  });
  const number = (text: string | undefined): number => (text === undefined ? Infinity : Number(text));
  let failed = false;
  for (const circuit of positionals.length > 0 ? positionals : Object.keys(readManifest())) {
    const report = await mutateCircuit(circuit, { constraints: number(values.constraints), sources: number(values.sources), workers: Number(values.workers), report: (text) => console.log(`  ${text}`) });
    const { constraints, checks, sources, generated } = report;
    console.log(`${circuit}:\n${line("constraints dropped", generated.constraints, constraints)}\n${line("of these, checks by which nothing is derived", checks.judged, checks)}\n${line("sources edited", generated.sources, sources)}`);
    for (const name of [...constraints.survivors, ...sources.survivors]) console.log(`  survives: ${name}${report.unreviewed.includes(name) ? "" : " (reviewed in allowances.json)"}`);
    for (const name of report.stale) console.log(`  ✗ allowances.json calls a mutant equivalent that is killed: ${name}`);
    failed ||= report.stale.length > 0 || Math.min(constraints.percent, sources.percent) < Number(values.least);
    await writeFile(join(directoriesOf(projectRoot).buildDirectory, "audit", `${circuit}.mutants.json`), `${JSON.stringify(report, null, 2)}\n`);
  }
  process.exitCode = failed ? 1 : 0;
}
