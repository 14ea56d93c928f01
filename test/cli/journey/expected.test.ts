import { describe, expect, it } from "vitest";
import { expectedSchema, isAsExpected } from "../../../services/cli/journey/expected.ts";

const exception = { code: "sensor-gap", class: "major", leg: "inbound", stage: "detected" };
const expected = expectedSchema.parse({
  verdict: "held",
  exceptions: [exception],
  gates: [["certification", "refused"]],
  verifyExitCode: 1,
});
const result = {
  verdict: "held" as const,
  exceptions: [{ ...exception, at: "2026-03-03T01:58:58Z", observed: 10_865, limit: 900 }],
  releases: [{ gate: "certification", granted: false, reason: "a leg is pending" }],
  verify: { verdict: "not-compliant", exitCode: 1 },
};

describe("the outcome a folder expects", () => {
  it("is met by the same verdict, exceptions, gates and exit code, whatever the times and figures", () => {
    expect(isAsExpected(expected, result)).toBe(true);
    expect(isAsExpected(null, result)).toBeNull();
  });

  it.each<[string, Partial<typeof result> | { verdict: "released" }]>([
    ["another verdict", { verdict: "released" }],
    ["an exception more", { exceptions: [...result.exceptions, ...result.exceptions] }],
    ["an exception less", { exceptions: [] }],
    ["another stage", { exceptions: result.exceptions.map((line) => ({ ...line, stage: "accepted" })) }],
    ["a gate granted", { releases: result.releases.map((release) => ({ ...release, granted: true })) }],
    ["another exit code", { verify: { verdict: "compliant", exitCode: 0 } }],
  ])("is not met by %s", (_name, change) => {
    expect(isAsExpected(expected, { ...result, ...change })).toBe(false);
  });
});
