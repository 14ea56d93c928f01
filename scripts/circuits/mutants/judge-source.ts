/** Compiles a mutant of the sources and holds it against honest inputs, the audit and the forgeries. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { nameOfFinding, reviewAgainst } from "../audit/allowances.ts";
import type { Reviewed } from "../audit/allowances.ts";
import { loadCompiledCircuit } from "../audit/compiled-circuit.ts";
import { findFreeSignals } from "../audit/determinism.ts";
import type { NamedInputs } from "../audit/fixture.ts";
import { compileSources } from "../audit/workspace.ts";
import type { Sources } from "../audit/workspace.ts";
import type { SourceMutant } from "./source-mutations.ts";
import type { Verdict } from "./verdict.ts";

export interface SourceTrial {
  sources: Sources;
  entry: string;
  honest: readonly NamedInputs[];
  forged: readonly NamedInputs[];
  /** Findings a person reviewed, which a mutant is not killed by. */
  reviewed: readonly Reviewed[];
}

export async function judgeSourceMutant(mutant: SourceMutant, { sources, entry, honest, forged, reviewed }: SourceTrial): Promise<Verdict> {
  let paths;
  try {
    paths = await compileSources(new Map(sources).set(mutant.file, mutant.text), entry);
  } catch (error) {
    const words = String(error).replace(/\u001B\[[0-9;]*m/g, "");
    return { killed: "stillborn", by: /error\[\w+\]: .*/.exec(words)?.[0] ?? "does not compile" };
  }
  try {
    const [example] = honest;
    const circuit = loadCompiledCircuit(paths.path, paths.wasm, example?.inputs ?? {});
    let first: bigint[] | null = null;
    for (const { name, inputs } of honest) {
      const witness = circuit.witness(inputs);
      if (witness === null) return { killed: "honest", by: name };
      first ??= witness;
    }
    for (const { name, inputs } of forged) if (circuit.witness(inputs) !== null) return { killed: "forgery", by: name };
    const { unreviewed } = reviewAgainst(findFreeSignals(circuit, first ?? []).map(nameOfFinding), reviewed);
    return unreviewed[0] === undefined ? { killed: null } : { killed: "audit", by: unreviewed[0] };
  } finally {
    await rm(dirname(paths.path), { recursive: true, force: true });
  }
}
