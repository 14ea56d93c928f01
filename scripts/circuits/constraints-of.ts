import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileCircuit } from "./build.ts";

/** Compiles a source in `directory` and answers how many constraints it has. */
export async function constraintsOf(name: string, source: string, directory: string): Promise<number> {
  const path = join(directory, `${name}.circom`);
  await writeFile(path, source);
  const output = await compileCircuit(path, directory);
  const count = (kind: string): number => Number(new RegExp(`${kind} constraints: (\\d+)`).exec(output)?.[1]);
  return count("non-linear") + count("(?<!non-)linear");
}
