import { describe, expect, it } from "vitest";
import { threadline } from "../support/threadline.ts";

/** The three example folders, each through the command line, end as their names say. */
async function demo(folder: string) {
  const { exitCode, stdout, stderr } = await threadline(["demo", `examples/${folder}`, "--json"]);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("examples", () => {
  it("car-t is released: every event recorded, every segment proven, regulator and auditor agree", async () => {
    const result = await demo("car-t");
    expect(result.exceptions).toEqual([]);
    expect(result.verdict).toBe("released");
    expect(result.events).toEqual({ captured: 25, recorded: 25 });
    expect(result.readings.received).toBe(556 + 575);
    expect(result.proofs.required).toBeGreaterThanOrEqual(8);
    expect(result.proofs.verified).toBe(result.proofs.required);
    expect(result.verify).toEqual({ verdict: "compliant", exitCode: 0 });
    expect(result.audit).toEqual({ events: 25, divergences: [] });
    expect(result.latency.lastReadingToReleaseMs).toBeGreaterThan(0);
    expect(result.latency.excursionToLedgerMs).toBeNull();
  });

  it("excursion is held: the warm collection has no proof and is never certified", async () => {
    const result = await demo("excursion");
    expect(result.verdict).toBe("held");
    expect(result.exceptions.map((exception: { code: string }) => exception.code)).toEqual(["temperature-excursion"]);
    const [excursion] = result.exceptions;
    expect(excursion).toMatchObject({ class: "critical", leg: "inbound", limit: 0 });
    expect(excursion.observed).toBeGreaterThan(0);
    expect(result.releases).toEqual([expect.objectContaining({ gate: "certification", granted: false })]);
    expect(result.proofs.verified).toBeLessThan(result.proofs.required);
    expect(result.verify).toEqual({ verdict: "not-compliant", exitCode: 1 });
    expect(result.audit.divergences).toEqual([]);
    expect(result.latency.excursionToLedgerMs).toBeGreaterThanOrEqual(0);
  });

  it("mix-up is held: another patient's label is caught before clearance to infuse", async () => {
    const result = await demo("mix-up");
    expect(result.verdict).toBe("held");
    expect(result.exceptions).toEqual([expect.objectContaining({ code: "identity-mismatch", class: "critical" })]);
    expect(result.releases.map((release: { gate: string; granted: boolean }) => [release.gate, release.granted])).toEqual([
      ["certification", true],
      ["clearance-to-infuse", false],
    ]);
    expect(result.verify.exitCode).toBe(1);
    expect(result.audit.divergences).toEqual([]);
  });
});
