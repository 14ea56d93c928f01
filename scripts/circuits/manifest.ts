import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const partSchema = z.strictObject({ name: z.string(), unit: z.string(), bits: z.int().min(1).max(254) });
const signalSchema = z.strictObject({
  name: z.string(),
  type: z.literal("uint256"),
  unit: z.string(),
  bits: z.int().min(1).max(254),
  title: z.string(),
  /** Low to high. */
  parts: z.array(partSchema).optional(),
});

const circuitSchema = z.strictObject({
  file: z.string(),
  template: z.string(),
  /** Folder of services/model that holds the circuit's TypeScript twin. */
  model: z.string(),
  parameters: z.record(z.string(), z.int()),
  protocol: z.literal("groth16"),
  phaseOnePower: z.int().min(1).max(28),
  verifier: z.string(),
  publicSignals: z.array(signalSchema).min(1),
});

export type CircuitManifest = z.output<typeof circuitSchema>;
export type PublicSignal = z.output<typeof signalSchema>;

export const projectRoot = join(import.meta.dirname, "..", "..");

/** Directories of the project, relative to its root. */
export function directoriesOf(root: string) {
  return {
    root,
    circuitsDirectory: join(root, "circuits"),
    buildDirectory: join(root, "build", "circuits"),
    verifiersDirectory: join(root, "contracts", "verifiers", "generated"),
    interfacesDirectory: join(root, "contracts", "interfaces"),
    modelDirectory: join(root, "services", "model"),
  };
}

export type ProjectDirectories = ReturnType<typeof directoriesOf>;

/** circuits/circuits.json, the one owner of names, parameters and the order of public signals. */
export function readManifest(root: string = projectRoot): Record<string, CircuitManifest> {
  const text = readFileSync(join(root, "circuits", "circuits.json"), "utf8");
  return z.record(z.string(), circuitSchema).parse(JSON.parse(text));
}
