import { readFile } from "node:fs/promises";
import { ThreadlineError } from "../../services/model/errors.ts";

/** One phase-2 contribution as a proving key records it. */
export interface KeyContribution {
  kind: "contribution" | "beacon";
  name: string;
  /** Hash of everything before, bound into the contribution; 64 bytes, hexadecimal. */
  transcript: string;
  /** Delta in G1 after this contribution; affine, hexadecimal as stored. */
  deltaAfter: string;
  beaconHash?: string;
  beaconIterationsExponent?: number;
}

export interface KeyContributions {
  /** BLAKE2b of the circuit's part of the key before any contribution. */
  circuitHash: string;
  contributions: KeyContribution[];
}

const CONTRIBUTIONS_SECTION = 10;
const G1_BYTES = 64;
const G2_BYTES = 128;
const HASH_BYTES = 64;

/**
 * Reads the record of contributions from a Groth16 `.zkey` file (the binary format of snarkjs: magic, version, sections).
 * Throws `proving-key-invalid` for another format.
 */
export async function readKeyContributions(zkeyPath: string): Promise<KeyContributions> {
  const bytes = sectionOf(await readFile(zkeyPath), CONTRIBUTIONS_SECTION);
  let position = 0;
  const take = (length: number): Buffer => bytes.subarray(position, (position += length));
  const circuitHash = take(HASH_BYTES).toString("hex");
  const count = take(4).readUInt32LE();
  const contributions: KeyContribution[] = [];
  for (let index = 0; index < count; index += 1) {
    const deltaAfter = take(G1_BYTES).toString("hex");
    take(2 * G1_BYTES + G2_BYTES);
    const transcript = take(HASH_BYTES).toString("hex");
    const kind = take(4).readUInt32LE() === 1 ? "beacon" : "contribution";
    contributions.push({ kind, transcript, deltaAfter, ...readParameters(take(take(4).readUInt32LE())) });
  }
  return { circuitHash, contributions };
}

function readParameters(bytes: Buffer): Pick<KeyContribution, "name" | "beaconHash" | "beaconIterationsExponent"> {
  const parameters: Pick<KeyContribution, "name" | "beaconHash" | "beaconIterationsExponent"> = { name: "" };
  let position = 0;
  while (position < bytes.length) {
    const type = bytes[position];
    const next = bytes[position + 1] ?? 0;
    if (type === 2) {
      parameters.beaconIterationsExponent = next;
      position += 2;
      continue;
    }
    const value = bytes.subarray(position + 2, position + 2 + next);
    if (type === 1) parameters.name = value.toString("utf8");
    else if (type === 3) parameters.beaconHash = value.toString("hex");
    else throw new ThreadlineError("proving-key-invalid", `a contribution has a parameter of unknown type ${type}`, { type });
    position += 2 + next;
  }
  return parameters;
}

function sectionOf(file: Buffer, wanted: number): Buffer {
  if (file.subarray(0, 4).toString("latin1") !== "zkey") throw new ThreadlineError("proving-key-invalid", "the file is no .zkey file");
  let position = 12;
  while (position + 12 <= file.length) {
    const type = file.readUInt32LE(position);
    const length = Number(file.readBigUInt64LE(position + 4));
    if (type === wanted) return file.subarray(position + 12, position + 12 + length);
    position += 12 + length;
  }
  throw new ThreadlineError("proving-key-invalid", `the .zkey file has no section ${wanted}`, { section: wanted });
}
