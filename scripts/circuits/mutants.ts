/**
 * Mutants of every circuit of the manifest, at the small size of its fixture, judged by forgeries and audit.
 * Run with: node scripts/circuits/mutants.ts [CIRCUIT] [--constraints N] [--sources N] [--least PERCENT]
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compiledForAudit } from "./audit.ts";
import { readAllowances, reviewAgainst } from "./audit/allowances.ts";
import { fixtureOf } from "./audit/fixtures/index.ts";
import { readSources, sizedEntry } from "./audit/workspace.ts";
import { directoriesOf, projectRoot, readManifest } from "./manifest.ts";
import { judgeConstraintMutants } from "./mutants/constraint-mutants.ts";
import { judgeSourceMutant } from "./mutants/judge-source.ts";
import { seededSample } from "./mutants/sampling.ts";
import { sourceMutants } from "./mutants/source-mutations.ts";
import { scoreOf } from "./mutants/verdict.ts";
import type { JudgedMutant, Score } from "./mutants/verdict.ts";

export interface MutationOptions {
  /** Sample of constraints to leave out, see `judgeConstraintMutants`; 0 for none. */
  constraints: number;
  /** Sample of source edits; 0 for none. */
  sources: number;
  report?: (line: string) => void;
}

export interface MutationReport {
  circuit: string;
  /** Mutants there are, before sampling. */
  generated: { constraints: number; sources: number };
  constraints: Score;
  sources: Score;
  /** Survivors nobody reviewed, and reviews of mutants that were judged and do not survive. */
  unreviewed: string[];
  stale: string[];
  mutants: JudgedMutant[];
  /** Of all that were judged, those reviewed as equivalent left out. */
  percent: number;
}

/** Compilations at a time; each has a core of its own. */
const WORKERS = 2;

export async function mutateCircuit(circuit: string, { constraints, sources: sourceSample, report = () => {} }: MutationOptions): Promise<MutationReport> {
  const manifest = readManifest()[circuit];
  if (manifest === undefined) throw new RangeError(`circuits.json has no ${circuit}`);
  const fixture = fixtureOf(circuit);
  const parameters = { ...manifest.parameters, ...fixture.smallParameters };
  const compiled = await compiledForAudit(circuit, parameters);
  const [honest, forged] = [fixture.honest(parameters), fixture.forged(parameters)];
  for (const { name, inputs } of forged) if (compiled.witness(inputs) !== null) throw new Error(`${circuit} accepts the forgery "${name}": either it is none, or the circuit is broken`);

  const judged = constraints === 0 ? [] : judgeConstraintMutants(compiled, honest, forged, { sample: constraints });
  const sources = await readSources();
  sources.set(manifest.file, sizedEntry(sources.get(manifest.file) ?? "", manifest, parameters));
  const generated = sourceMutants(sources, manifest.file);
  const queue = seededSample(generated, sourceSample, "source mutants 1", ({ name }) => name);
  const reviewed = readAllowances(circuit);
  const edited: JudgedMutant[] = [];
  const work = async (): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const verdict = await judgeSourceMutant(mutant, { sources, entry: manifest.file, honest, forged, reviewed: reviewed.signals });
      report(`${verdict.killed ?? "SURVIVES"} ${mutant.name}${"by" in verdict ? ` (${verdict.by})` : ""}`);
      edited.push({ name: mutant.name, verdict });
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));

  const mutants = [...judged, ...edited];
  const survivors = scoreOf(mutants).survivors;
  const { unreviewed } = reviewAgainst(survivors, reviewed.mutants);
  const wasJudged = reviewed.mutants.filter(({ name }) => mutants.some((mutant) => mutant.name === name));
  return {
    circuit,
    generated: { constraints: compiled.compiledConstraints, sources: generated.length },
    constraints: scoreOf(judged),
    sources: scoreOf(edited),
    unreviewed,
    stale: reviewAgainst(survivors, wasJudged).stale,
    mutants,
    percent: scoreOf(mutants.filter(({ name, verdict }) => verdict.killed !== null || unreviewed.includes(name))).percent,
  };
}

function line(what: string, generated: number, score: Score): string {
  const by = Object.entries(score.by).map(([how, count]) => `${how} ${count}`).join(", ");
  return `  ${what}: ${score.killed} of ${score.judged} killed, ${score.percent.toFixed(1)} % (${by}); ${generated} generated, ${score.stillborn} do not compile`;
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { constraints: { type: "string", default: "500" }, sources: { type: "string", default: "100000" }, least: { type: "string", default: "95" } },
  });
  let failed = false;
  for (const circuit of positionals.length > 0 ? positionals : Object.keys(readManifest())) {
    const report = await mutateCircuit(circuit, { constraints: Number(values.constraints), sources: Number(values.sources), report: (text) => console.log(`  ${text}`) });
    console.log(`${circuit}:\n${line("constraints dropped", report.generated.constraints, report.constraints)}\n${line("sources edited", report.generated.sources, report.sources)}`);
    for (const name of report.unreviewed) console.log(`  survives: ${name}`);
    for (const name of report.stale) console.log(`  ✗ allowances.json calls a mutant equivalent that is killed: ${name}`);
    failed ||= report.stale.length > 0 || report.percent < Number(values.least);
    await writeFile(join(directoriesOf(projectRoot).buildDirectory, "audit", `${circuit}.mutants.json`), `${JSON.stringify(report, null, 2)}\n`);
  }
  process.exitCode = failed ? 1 : 0;
}
