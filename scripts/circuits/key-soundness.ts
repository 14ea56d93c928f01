import { z } from "zod";
import type { KeyContributions } from "./proving-key-file.ts";

const g1 = z.tuple([z.string(), z.string(), z.string()]);
const g2 = z.tuple([z.tuple([z.string(), z.string()]), z.tuple([z.string(), z.string()]), z.tuple([z.string(), z.string()])]);

/** snarkjs' Groth16 verifying key. */
export const verificationKeySchema = z.looseObject({
  protocol: z.literal("groth16"),
  curve: z.literal("bn128"),
  nPublic: z.int(),
  vk_alpha_1: g1,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: z.array(g1),
});

export type VerificationKey = z.output<typeof verificationKeySchema>;

const FEWEST_CONTRIBUTIONS = 2;

/** Generator of BN254's G2 (EIP-197), real part first as snarkjs writes it. */
const G2_GENERATOR = [
  ["10857046999023057135944570762232829481370756359578518086990519993285655852781", "11559732032986387107991004021392285783925812861821192530917403151452391805634"],
  ["8495653923123431417604973247489272438418190587263600148770280649306958101930", "4082367875863433681332203403145435568316851327593401208105741076214120093531"],
  ["1", "0"],
];

/**
 * What is wrong with a key, one line each; empty for a sound one. `snarkjs zkey verify` calls a key without any
 * phase-2 contribution good although delta = gamma lets anyone forge proofs, so this looks itself.
 */
export function keyFaults(key: VerificationKey, { contributions }: KeyContributions, publicSignals: number): string[] {
  const faults: string[] = [];
  const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
  if (same(key.vk_delta_2, key.vk_gamma_2)) faults.push("delta equals gamma: anyone can forge proofs");
  if (same(key.vk_delta_2, G2_GENERATOR)) faults.push("delta is the generator of G2: nobody contributed");
  if (same(key.vk_beta_2, key.vk_gamma_2) || same(key.vk_beta_2, key.vk_delta_2)) faults.push("beta equals gamma or delta");
  if (new Set(key.IC.map((point) => JSON.stringify(point))).size !== key.IC.length) faults.push("two public signals have the same IC point");
  if (key.nPublic !== publicSignals || key.IC.length !== publicSignals + 1) faults.push(`the key has ${key.nPublic} public signals, the manifest ${publicSignals}`);

  const named = contributions.filter((contribution) => contribution.kind === "contribution");
  if (named.length < FEWEST_CONTRIBUTIONS) faults.push(`the key has ${named.length} phase-2 contributions, at least ${FEWEST_CONTRIBUTIONS} are demanded`);
  if (contributions.at(-1)?.kind !== "beacon") faults.push("the last contribution is no beacon");
  if (new Set(contributions.map((contribution) => contribution.deltaAfter)).size !== contributions.length) faults.push("a contribution left delta as it was");
  return faults;
}

/** Constants of a generated Solidity verifier that differ from the verifying key, by name. */
export function verifierFaults(solidity: string, key: VerificationKey): string[] {
  const { vk_alpha_1: alpha, vk_beta_2: beta, vk_gamma_2: gamma, vk_delta_2: delta } = key;
  const expected: Record<string, string> = { alphax: alpha[0], alphay: alpha[1] };
  for (const [name, point] of Object.entries({ beta, gamma, delta }))
    Object.assign(expected, { [`${name}x1`]: point[0][1], [`${name}x2`]: point[0][0], [`${name}y1`]: point[1][1], [`${name}y2`]: point[1][0] });
  key.IC.forEach((point, index) => Object.assign(expected, { [`IC${index}x`]: point[0], [`IC${index}y`]: point[1] }));
  const actual = new Map([...solidity.matchAll(/uint256 constant (\w+)\s*=\s*(\d+);/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
  const faults = Object.entries(expected).filter(([name, value]) => actual.get(name) !== value).map(([name]) => `the verifier's constant ${name} is not the key's`);
  const points = [...actual.keys()].filter((name) => name.startsWith("IC")).length / 2;
  if (points !== key.IC.length) faults.push(`the verifier has ${points} IC points, the key ${key.IC.length}`);
  return faults;
}
