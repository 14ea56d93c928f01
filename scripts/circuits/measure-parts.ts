import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { constraintsOf } from "./constraints-of.ts";
import { directoriesOf, readManifest } from "./manifest.ts";

/** A template of circuits/lib that a statement uses, and how often. */
interface Part {
  file: string;
  template: string;
  times: number;
}

const IDENTITY_LINK: Part[] = [
  { file: "range.circom", template: "AssertBits(120)", times: 1 },
  { file: "range.circom", template: "AssertBits(248)", times: 3 },
  { file: "identity-commitment.circom", template: "IdentityCommitment()", times: 2 },
  { file: "difference.circom", template: "AssertDifferent()", times: 1 },
];

const batchRelease = (tests: number, phases: number): Part[] => [
  { file: "device-signature.circom", template: "DeviceSignature()", times: 1 },
  { file: "specification-commitment.circom", template: `SpecificationCommitment(${tests})`, times: 1 },
  { file: "results-commitment.circom", template: `ResultsCommitment(${tests}, ${phases})`, times: 1 },
  { file: "result-interval.circom", template: "ResultInterval()", times: tests },
  { file: "acceptance-criterion.circom", template: "AcceptanceCriterion()", times: tests },
  { file: "phase-order.circom", template: `PhaseOrder(${phases})`, times: 1 },
];

/** Constraints of a circuit as a whole and of each of its parts by itself. */
export async function measureParts(circuit: "identity-link" | "batch-release", root: string, directory: string) {
  const manifest = readManifest(root)[circuit];
  if (manifest === undefined) throw new Error(`circuits.json has no ${circuit}`);
  const entry = await readFile(join(directoriesOf(root).circuitsDirectory, manifest.file), "utf8");
  const constraints = await constraintsOf(circuit, entry.replace('"statements/', '"../../../circuits/statements/'), directory);
  const { tests = 0, phases = 0 } = manifest.parameters;
  const parts: { template: string; times: number; constraints: number }[] = [];
  for (const [index, { file, template, times }] of (circuit === "identity-link" ? IDENTITY_LINK : batchRelease(tests, phases)).entries()) {
    const source = `pragma circom 2.1.6;\ninclude "../../../circuits/lib/${file}";\ncomponent main = ${template};\n`;
    parts.push({ template, times, constraints: await constraintsOf(`${circuit}-part-${index}`, source, directory) });
  }
  // snarkjs adds a row for each public signal and one for the constant.
  const domain = 2 ** Math.ceil(Math.log2(constraints + manifest.publicSignals.length + 1));
  return { domain, ...manifest.parameters, constraints, parts };
}
