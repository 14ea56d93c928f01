import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CIRCUIT_NAMES } from "../model/circuit-inputs.ts";
import type { CircuitName } from "../model/circuit-inputs.ts";
import { ThreadlineError } from "../model/errors.ts";

const decimal = z.string().regex(/^\d+$/);
const point = z.array(decimal).length(3);
const extensionPoint = z.array(z.array(decimal).length(2)).length(3);

const verificationKeySchema = z.looseObject({
  protocol: z.literal("groth16"),
  curve: z.literal("bn128"),
  nPublic: z.int().positive(),
  vk_alpha_1: point,
  vk_beta_2: extensionPoint,
  vk_gamma_2: extensionPoint,
  vk_delta_2: extensionPoint,
  IC: z.array(point),
});

/** A Groth16 verification key over BN254 as snarkjs writes it. */
export type VerificationKey = z.output<typeof verificationKeySchema>;

/** The key of each circuit, by the circuit's name. */
export type VerificationKeys = Record<CircuitName, VerificationKey>;

/** The keys shipped with the project. Throws ThreadlineError `verification-key-missing` or `verification-key-invalid`. */
export async function readShippedVerificationKeys(): Promise<VerificationKeys> {
  const entries = CIRCUIT_NAMES.map(async (circuit) => [circuit, await readShippedVerificationKey(circuit)] as const);
  return Object.fromEntries(await Promise.all(entries)) as VerificationKeys;
}

/** The key shipped with the project for one circuit. */
export async function readShippedVerificationKey(circuit: CircuitName): Promise<VerificationKey> {
  const file = new URL(`../../circuits/keys/${circuit}.dev.verification-key.json`, import.meta.url);
  try {
    return parseVerificationKey(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    if (cause instanceof ThreadlineError) throw cause;
    throw new ThreadlineError("verification-key-missing", `cannot read ${file.pathname}`, {}, { cause });
  }
}

/** Throws ThreadlineError `verification-key-invalid`. */
export function parseVerificationKey(value: unknown): VerificationKey {
  const parsed = verificationKeySchema.safeParse(value);
  if (!parsed.success || parsed.data.IC.length !== parsed.data.nPublic + 1)
    throw new ThreadlineError("verification-key-invalid", "this is no Groth16 verification key over BN254", {
      issues: parsed.error?.issues.map((issue) => issue.message) ?? ["IC must hold one point more than public signals"],
    });
  return parsed.data;
}

/** Every coordinate a generated Solidity verifier holds as a constant. */
export function keyConstants(key: VerificationKey): bigint[] {
  const affine = (coordinates: string[]) => coordinates.slice(0, 2);
  const extension = (coordinates: string[][]) => coordinates.slice(0, 2).flat();
  return [
    ...affine(key.vk_alpha_1),
    ...extension(key.vk_beta_2),
    ...extension(key.vk_gamma_2),
    ...extension(key.vk_delta_2),
    ...key.IC.flatMap(affine),
  ].map(BigInt);
}
