import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { printJson, printTable } from "../print.ts";

type Manifest = Record<
  string,
  { file: string; template: string; parameters: Record<string, number>; publicSignals: unknown[] }
>;

/** The manifest with the path of each artefact, so that outsiders can attach their own tools. */
export async function listCircuits(options: { json?: boolean }): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(projectRoot, "circuits", "circuits.json"), "utf8")) as Manifest;
  const circuits = Object.entries(manifest).map(([name, circuit]) => ({
    name,
    ...circuit,
    artefacts: {
      r1cs: path("build/circuits", `${name}.r1cs`),
      sym: path("build/circuits", `${name}.sym`),
      wasm: path("build/circuits", `${name}.wasm`),
      zkey: path("circuits/keys", `${name}.dev.zkey`),
      verificationKey: path("circuits/keys", `${name}.dev.verification-key.json`),
    },
  }));
  if (options.json === true) return printJson({ circuits });
  printTable(
    ["CIRCUIT", "PARAMETERS", "PROVING KEY"],
    circuits.map(({ name, parameters, artefacts }) => [name, JSON.stringify(parameters), artefacts.zkey ?? "missing"]),
  );
}

function path(folder: string, name: string): string | null {
  const file = join(projectRoot, folder, name);
  return existsSync(file) ? file : null;
}
