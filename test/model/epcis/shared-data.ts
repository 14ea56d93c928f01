import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Public example data kept beside the project, not in it. */
export const SHARED_DATA = join(import.meta.dirname, "../../../../shared/data");

/** Says loudly that vectors are absent; a suite then skips instead of passing on nothing. */
export function sharedData(folder: string): string | null {
  const path = join(SHARED_DATA, folder);
  if (existsSync(path)) return path;
  console.warn(`SKIPPED: no ${path}; the published vectors of ${folder} were NOT checked.`);
  return null;
}

/** All JSON files below a folder, as paths relative to it. */
export function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(json|jsonld)$/.test(name))
    .sort();
}

export function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}
