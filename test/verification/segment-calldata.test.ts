import { Interface, keccak256 } from "ethers";
import { describe, expect, it } from "vitest";
import { readArtifact } from "../../scripts/deploy/artifacts.ts";
import { SUBMIT_SEGMENTS_SELECTOR, decodeSubmitSegments } from "../../services/verification/segment-calldata.ts";

const contract = new Interface(readArtifact("ConditionProofs").abi);
const journeyId = keccak256("0x01");

const segment = (first: bigint) => ({
  from: 1_700_000_000n + first,
  to: 1_700_003_600n + first,
  stateAfter: first + 1n,
  readingsCommitment: first + 2n,
  proofA: [first + 3n, first + 4n],
  proofB: [
    [first + 5n, first + 6n],
    [first + 7n, first + 8n],
  ],
  proofC: [first + 9n, first + 10n],
});

describe("calldata of submitSegments", () => {
  it("is read as the contract's interface writes it, with the proof in snarkjs' order", () => {
    const data = contract.encodeFunctionData("submitSegments", [journeyId, 3, [segment(0n), segment(100n)]]);
    expect(data.startsWith(SUBMIT_SEGMENTS_SELECTOR)).toBe(true);
    const decoded = decodeSubmitSegments(data);
    expect(decoded).toHaveLength(2);
    expect(decoded[1]).toEqual({
      journeyId,
      leg: 3,
      from: 1_700_000_100,
      to: 1_700_003_700,
      stateAfter: 101n,
      readingsCommitment: 102n,
      proof: {
        pi_a: ["103", "104", "1"],
        pi_b: [
          ["106", "105"],
          ["108", "107"],
          ["1", "0"],
        ],
        pi_c: ["109", "110", "1"],
        protocol: "groth16",
        curve: "bn128",
      },
    });
  });

  it("of another call is refused by its selector", () => {
    const data = contract.encodeFunctionData("assignDevice", [journeyId, 0, keccak256("0x02"), 1]);
    expect(() => decodeSubmitSegments(data)).toThrow(data.slice(0, 10));
  });
});
