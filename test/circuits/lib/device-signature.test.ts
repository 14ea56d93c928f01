import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { deviceKeyCommitment, derivePublicKey, signFieldElement, verifyFieldElement } from "../../../services/model/condition/index.ts";
import type { EddsaSignature, Point } from "../../../services/model/condition/index.ts";
import { FIELD_ORDER, SUBGROUP_ORDER } from "../../../services/model/field.ts";
import { offCurveKey, signUnderOffCurveKey } from "../../../scripts/circuits/audit/fixtures/off-curve-key.ts";
import { projectRoot } from "../../../scripts/circuits/manifest.ts";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

const vectors = join(projectRoot, "..", "shared", "data", "iden3-crypto-vectors", "eddsa-poseidon.json");
if (!existsSync(vectors)) console.warn("the iden3 signature vectors are absent: their test is skipped");

describe("DeviceSignature", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("device-signature.circom", "DeviceSignature()")));

  const key = new Uint8Array(32).fill(1);
  const publicKey = derivePublicKey(key);
  const message = 123_456_789n;
  const signature = signFieldElement(key, message);
  const inputs = (m: bigint, s: EddsaSignature, k: Point) => ({ publicKey: k.map(String), signatureR: s.R8.map(String), signatureS: String(s.S), message: String(m) });
  /** The model and the circuit must agree on every case but those enrolment refuses beforehand. */
  const accepted = async (m: bigint, s: EddsaSignature, k: Point): Promise<boolean> => {
    const inCircuit = !(await circuit.refuses(inputs(m, s, k)));
    expect(verifyFieldElement(m, s, k)).toBe(inCircuit);
    return inCircuit;
  };

  it("accepts an honest signature and commits to the key", async () => {
    expect(await accepted(message, signature, publicKey)).toBe(true);
    expect(await circuit.read(inputs(message, signature, publicKey), "keyCommitment")).toBe(deviceKeyCommitment(publicKey));
  });

  it("refuses another message, key, point or scalar", async () => {
    expect(await accepted(message + 1n, signature, publicKey)).toBe(false);
    expect(await accepted(message, signature, derivePublicKey(new Uint8Array(32).fill(2)))).toBe(false);
    expect(await accepted(message, { ...signature, S: signature.S + 1n }, publicKey)).toBe(false);
    expect(await accepted(message, { ...signature, S: signature.S + SUBGROUP_ORDER }, publicKey)).toBe(false);
    expect(await accepted(message, { ...signature, R8: signFieldElement(key, 5n).R8 }, publicKey)).toBe(false);
    expect(await accepted(message, { ...signature, R8: [signature.R8[0], signature.R8[1] + 1n] }, publicKey)).toBe(false);
  });

  it("refuses forgeries under points of small order: S·B = R8 holds for any message", async () => {
    const forged: EddsaSignature = { R8: derivePublicKey(key), S: 0n };
    for (const small of [[0n, 1n], [0n, FIELD_ORDER - 1n]] as Point[]) {
      expect(await accepted(message, forged, small)).toBe(false);
      expect(await accepted(message, { R8: [0n, 1n], S: 0n }, small)).toBe(false);
    }
  });

  it("refuses a key off the curve that doubles to the same point as one on it", async () => {
    const [key, forged] = [offCurveKey(), signUnderOffCurveKey(message)];
    expect(await accepted(message, forged, key)).toBe(false);
  });

  it.skipIf(!existsSync(vectors))("agrees with iden3's published signature", async () => {
    const vector = JSON.parse(readFileSync(vectors, "utf8")) as { privateKeyHex: string; msgLEHex: string; A: string[]; R8: string[]; S: string };
    const m = BigInt(`0x${Buffer.from(vector.msgLEHex, "hex").reverse().toString("hex")}`);
    const privateKey = Uint8Array.from(Buffer.from(vector.privateKeyHex, "hex"));
    expect(derivePublicKey(privateKey).map(String)).toEqual(vector.A);
    const made = signFieldElement(privateKey, m);
    expect([made.R8.map(String), String(made.S)]).toEqual([vector.R8, vector.S]);
    expect(await accepted(m, made, derivePublicKey(privateKey))).toBe(true);
  });
});
