import { readFile } from "node:fs/promises";
import { z } from "zod";
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

const SHIPPED_KEY = new URL("../../circuits/keys/condition-segment.dev.verification-key.json", import.meta.url);

/** The key shipped with the project, that of the circuit `condition-segment`. */
export async function readShippedVerificationKey(): Promise<VerificationKey> {
  try {
    return parseVerificationKey(JSON.parse(await readFile(SHIPPED_KEY, "utf8")));
  } catch (cause) {
    if (cause instanceof ThreadlineError) throw cause;
    throw new ThreadlineError("verification-key-missing", `cannot read ${SHIPPED_KEY.pathname}`, {}, { cause });
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
