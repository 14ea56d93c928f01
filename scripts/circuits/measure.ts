/**
 * Measures the constraints of every circuit and of its parts, and writes circuits/measurements.json. With --proving it also
 * times a proof of each; without, the times on record stay. Run with: node scripts/circuits/measure.ts [--proving]
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { measureConditionSegment } from "./measure-condition-segment.ts";
import { measureParts } from "./measure-parts.ts";
import { measureProving } from "./measure-proving.ts";
import { directoriesOf, projectRoot } from "./manifest.ts";

const { buildDirectory, circuitsDirectory } = directoriesOf(projectRoot);
const path = join(circuitsDirectory, "measurements.json");
const directory = join(buildDirectory, "measure");
await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });

const recorded = JSON.parse(await readFile(path, "utf8")) as { proving?: unknown };
const measured = {
  "condition-segment": await measureConditionSegment(projectRoot, directory),
  "identity-link": await measureParts("identity-link", projectRoot, directory),
  "batch-release": await measureParts("batch-release", projectRoot, directory),
  proving: process.argv.includes("--proving") ? await measureProving(projectRoot) : recorded.proving,
};
await writeFile(path, `${JSON.stringify(measured, null, 2)}\n`);
console.log(measured);
