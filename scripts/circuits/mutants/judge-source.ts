/** Compiles a mutant of the sources and holds it against honest inputs, the audit and the forgeries. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { nameOfFinding, reviewAgainst } from "../audit/allowances.ts";
import type { Reviewed } from "../audit/allowances.ts";
import { canonicalSystem } from "../audit/canonical-system.ts";
import { loadCompiledCircuit } from "../audit/compiled-circuit.ts";
import type { CompiledCircuit } from "../audit/compiled-circuit.ts";
import { findFreeSignals } from "../audit/determinism.ts";
import type { NamedInputs } from "../audit/fixture.ts";
import { compileSources } from "../audit/workspace.ts";
import type { Sources } from "../audit/workspace.ts";
import type { SourceMutant } from "./source-mutations.ts";
import type { Verdict } from "./verdict.ts";

export interface SourceTrial {
  sources: Sources;
  entry: string;
  computedInputs: readonly string[];
  /** The circuit itself as `canonicalSystem` writes it. */
  original: string;
  honest: readonly NamedInputs[];
  forged: readonly NamedInputs[];
  /** Findings a person reviewed, which a mutant is not killed by. */
  reviewed: readonly Reviewed[];
}

export async function judgeSourceMutant(mutant: SourceMutant, trial: SourceTrial): Promise<Verdict> {
  let paths;
  try {
    paths = await compileSources(new Map(trial.sources).set(mutant.file, mutant.text), trial.entry);
  } catch (error) {
    const words = String(error).replace(/\u001B\[[0-9;]*m/g, "");
    return { killed: "stillborn", by: /error\[\w+\]: .*/.exec(words)?.[0] ?? "does not compile" };
  }
  try {
    return verdictOn(loadCompiledCircuit(paths.path, paths.wasm, trial.honest[0]?.inputs ?? {}, trial.computedInputs), trial);
  } finally {
    await rm(dirname(paths.path), { recursive: true, force: true });
  }
}

function verdictOn(circuit: CompiledCircuit, { original, honest, forged, reviewed }: SourceTrial): Verdict {
  if (canonicalSystem(circuit.system) === original) return { killed: "equivalent", by: "the same constraints" };
  let first: bigint[] | null = null;
  for (const { name, inputs } of honest) {
    const witness = circuit.witness(inputs);
    if (witness === null) return { killed: "honest", by: name };
    first ??= witness;
  }
  const { unreviewed } = reviewAgainst(findFreeSignals(circuit, first ?? []).map(nameOfFinding), reviewed);
  if (unreviewed[0] !== undefined) return { killed: "audit", by: unreviewed[0] };
  for (const { name, inputs } of forged) if (circuit.witness(inputs) !== null) return { killed: "forgery", by: name };
  return { killed: null };
}
