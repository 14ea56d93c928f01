import { describe, expect, it } from "vitest";
import { readArtifact } from "../../scripts/deploy/artifacts.ts";
import { pushedConstants } from "../../services/verification/bytecode.ts";
import { keyConstants, parseVerificationKey, readShippedVerificationKey } from "../../services/verification/verification-key.ts";

describe("constants in bytecode", () => {
  it("are read instruction by instruction, not out of another's immediate", () => {
    // PUSH2 0x6001, PUSH1 0x07, STOP: the 0x60 inside the first immediate is no instruction.
    expect(pushedConstants("0x616001600700")).toEqual(new Set([0x6001n, 7n]));
    expect(pushedConstants("0x")).toEqual(new Set());
    expect(pushedConstants("0x61ff")).toEqual(new Set([0xffn]));
  });

  it.each([
    ["condition-segment", "ConditionSegmentDevVerifier", 6],
    ["identity-link", "IdentityLinkDevVerifier", 3],
    ["batch-release", "BatchReleaseDevVerifier", 5],
  ] as const)("of the generated verifier of %s hold the whole shipped key", async (circuit, contract, publicSignals) => {
    const constants = keyConstants(await readShippedVerificationKey(circuit));
    const onChain = pushedConstants(readArtifact(contract).deployedBytecode);
    expect(constants).toHaveLength(2 + 4 * 3 + 2 * (publicSignals + 1));
    expect(constants.filter((constant) => !onChain.has(constant))).toEqual([]);
  });
});

describe("a verification key", () => {
  it("with a point missing is refused", async () => {
    const key = await readShippedVerificationKey("condition-segment");
    expect(() => parseVerificationKey({ ...key, IC: key.IC.slice(1) })).toThrow("no Groth16 verification key");
    expect(() => parseVerificationKey({ ...key, protocol: "plonk" })).toThrow("no Groth16 verification key");
  });
});
