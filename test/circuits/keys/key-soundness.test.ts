import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCurveFromName } from "ffjavascript";
import { groth16, powersOfTau, zKey } from "snarkjs";
import type { Groth16Proof } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileCircuit } from "../../../scripts/circuits/build.ts";
import { checkCircuits } from "../../../scripts/circuits/check.ts";
import { keyFaults, verificationKeySchema, verifierFaults } from "../../../scripts/circuits/key-soundness.ts";
import type { VerificationKey } from "../../../scripts/circuits/key-soundness.ts";
import { makeProvingKey } from "../../../scripts/circuits/make-development-keys.ts";
import { directoriesOf, projectRoot, readManifest } from "../../../scripts/circuits/manifest.ts";
import { readKeyContributions } from "../../../scripts/circuits/proving-key-file.ts";
import { endCurveWorkers } from "../../../services/proving/prover/curve-workers.ts";
import { assertArtifacts, readArtifactLock, sha256OfFile } from "../../../services/proving/prover/artifact-lock.ts";
import { known } from "../support/known.ts";

const { buildDirectory, circuitsDirectory, verifiersDirectory } = directoriesOf(projectRoot);
const silent = { info() {}, debug() {}, warn() {}, error() {} };

interface CurvePoints {
  G1: { fromObject(point: string[]): unknown; timesScalar(point: unknown, scalar: bigint): unknown; add(left: unknown, right: unknown): unknown; neg(point: unknown): unknown; toObject(point: unknown): bigint[] };
}

/** With delta = gamma the equation e(A, B) = e(alpha, beta) e(inputs, gamma) e(C, delta) is met by A = alpha, B = beta, C = -inputs. */
async function forge(key: VerificationKey, publicSignals: bigint[]): Promise<Groth16Proof> {
  const { G1 } = (await getCurveFromName("bn128")) as CurvePoints;
  const [constant, ...points] = key.IC.map((point) => G1.fromObject(point.map(BigInt) as unknown as string[]));
  const inputs = points.reduce((sum, point, place) => G1.add(sum, G1.timesScalar(point, known(publicSignals[place]))), constant);
  const affine = (G1 as unknown as { toAffine(point: unknown): unknown }).toAffine(G1.neg(inputs));
  return { pi_a: key.vk_alpha_1, pi_b: key.vk_beta_2, pi_c: G1.toObject(affine).map(String), protocol: "groth16", curve: "bn128" };
}

describe("a key's soundness, on a small circuit", () => {
  let directory: string;
  let r1cs: string;
  let ptau: string;
  const file = (name: string): string => join(directory, name);
  const keyOf = async (zkey: string): Promise<VerificationKey> => verificationKeySchema.parse(JSON.parse(JSON.stringify(await zKey.exportVerificationKey(zkey, silent))));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "threadline-keys-"));
    const source = join(buildDirectory, "test", "product.circom");
    await compileCircuit(join(projectRoot, "test", "circuits", "support", "product.circom"), join(buildDirectory, "test"));
    r1cs = source.replace(".circom", ".r1cs");
    ptau = file("small.ptau");
    await powersOfTau.newAccumulator(await getCurveFromName("bn128"), 4, file("0.ptau"), silent);
    await powersOfTau.beacon(file("0.ptau"), file("1.ptau"), "small", "00".repeat(32), 10, silent);
    await powersOfTau.preparePhase2(file("1.ptau"), ptau, silent);
    await zKey.newZKey(r1cs, ptau, file("none.zkey"), silent);
    await makeProvingKey("product", r1cs, ptau, file("dev.zkey"), () => {});
  });
  afterAll(async () => {
    await endCurveWorkers();
    await rm(directory, { recursive: true });
  });

  it("is lacking without any contribution, though snarkjs verifies the key and a forged proof passes", async () => {
    const key = await keyOf(file("none.zkey"));
    expect(await zKey.verifyFromR1cs(r1cs, ptau, file("none.zkey"), silent)).toBe(true);
    expect(await groth16.verify(key, ["123456789"], await forge(key, [123_456_789n]))).toBe(true);
    expect(keyFaults(key, await readKeyContributions(file("none.zkey")), 1)).toEqual([
      "delta equals gamma: anyone can forge proofs",
      "delta is the generator of G2: nobody contributed",
      "the key has 0 phase-2 contributions, at least 2 are demanded",
      "the last contribution is no beacon",
    ]);
  });

  it("is there with two contributions and a beacon, and the forger fails", async () => {
    const key = await keyOf(file("dev.zkey"));
    expect(keyFaults(key, await readKeyContributions(file("dev.zkey")), 1)).toEqual([]);
    expect(await groth16.verify(key, ["123456789"], await forge(key, [123_456_789n]))).toBe(false);
  });

  it("is lacking with one contribution, without a beacon, or for another number of signals", async () => {
    const key = await keyOf(file("dev.zkey"));
    const record = await readKeyContributions(file("dev.zkey"));
    const [first, second, beacon] = record.contributions;
    expect(record.contributions.map(({ kind, name }) => [kind, name])).toEqual([
      ["contribution", "threadline-dev contribution 1"],
      ["contribution", "threadline-dev contribution 2"],
      ["beacon", "threadline-dev"],
    ]);
    expect(keyFaults(key, { ...record, contributions: [known(first), known(beacon)] }, 1)).toEqual(["the key has 1 phase-2 contributions, at least 2 are demanded"]);
    expect(keyFaults(key, { ...record, contributions: [known(first), known(second)] }, 1)).toEqual(["the last contribution is no beacon"]);
    expect(keyFaults(key, { ...record, contributions: [known(first), { ...known(second), deltaAfter: known(first).deltaAfter }, known(beacon)] }, 1)).toEqual(["a contribution left delta as it was"]);
    expect(keyFaults(key, record, 2)).toEqual(["the key has 1 public signals, the manifest 2"]);
  });

  it("comes out the same bit for bit when made again", async () => {
    await makeProvingKey("product", r1cs, ptau, file("again.zkey"), () => {});
    expect(await sha256OfFile(file("again.zkey"))).toBe(await sha256OfFile(file("dev.zkey")));
  });

  it("is told from a file that is no key", async () => {
    await copyFile(r1cs, file("no.zkey"));
    await expect(readKeyContributions(file("no.zkey"))).rejects.toMatchObject({ code: "proving-key-invalid" });
  });
});

describe("the gate", () => {
  afterAll(endCurveWorkers);

  it("finds nothing wrong with the committed keys", async () => expect(await checkCircuits()).toEqual([]));

  it.each(Object.entries(readManifest()))("finds a verifier of %s with another constant", async (circuit, manifest) => {
    const key = verificationKeySchema.parse(JSON.parse(await readFile(join(circuitsDirectory, "keys", `${circuit}.dev.verification-key.json`), "utf8")));
    const solidity = await readFile(join(verifiersDirectory, `${manifest.verifier}.sol`), "utf8");
    const last = manifest.publicSignals.length;
    expect(verifierFaults(solidity, key)).toEqual([]);
    for (const name of ["alphax", "betay2", "gammax1", "deltax1", "IC0x", `IC${last}y`]) {
      const changed = solidity.replace(new RegExp(`(uint256 constant ${name}\\s*=\\s*)\\d+;`), "$11;");
      expect(verifierFaults(changed, key)).toEqual([`the verifier's constant ${name} is not the key's`]);
    }
    expect(verifierFaults(solidity.replace(new RegExp(`uint256 constant IC${last}[xy] = \\d+;`, "g"), ""), key)).toContain(`the verifier has ${last} IC points, the key ${last + 1}`);
  });

  it("finds a file that is not the locked one", async () => {
    const directory = await mkdtemp(join(tmpdir(), "threadline-gate-"));
    const changed = join(directory, "ConditionSegmentDevVerifier.sol");
    await writeFile(changed, `${await readFile(join(verifiersDirectory, "ConditionSegmentDevVerifier.sol"), "utf8")}\n`);
    const lock = await readArtifactLock(circuitsDirectory);
    await expect(assertArtifacts("condition-segment", { verifier: changed }, lock["condition-segment"])).rejects.toMatchObject({ code: "artifact-mismatch" });
    await expect(assertArtifacts("unknown", {}, lock.unknown)).rejects.toMatchObject({ code: "artifact-mismatch" });
    await rm(directory, { recursive: true });
  });
});
