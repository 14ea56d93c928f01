import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot, threadline } from "../support/threadline.ts";

const folders = readdirSync(join(projectRoot, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** Plays a folder through the command line, as its reader would. */
async function demo(folder: string) {
  const { exitCode, stdout, stderr } = await threadline(["demo", `examples/${folder}`, "--json"]);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("examples", () => {
  it("are the stories the README tells", () => {
    expect(folders.sort()).toEqual([
      "car-t",
      "cold-chain-accepted",
      "excursion",
      "late-sterility",
      "missing-logger-hours",
      "mix-up",
      "out-of-specification",
      "tilted-shipper",
    ]);
  });

  it.each(folders.filter((folder) => folder !== "car-t"))("%s comes to what its folder expects", async (folder) => {
    const result = await demo(folder);
    expect(result.asExpected, JSON.stringify(result, null, 1)).toBe(true);
    expect(result.refusals).toEqual([]);
    expect(result.audit.divergences).toEqual([]);
  });

  it("car-t is released: every event recorded, every segment proven, regulator and auditor agree", async () => {
    const result = await demo("car-t");
    expect(result.asExpected, JSON.stringify(result, null, 1)).toBe(true);
    expect(result.events).toEqual({ captured: 25, recorded: 25 });
    expect(result.readings.received).toBe(556 + 575);
    expect(result.proofs.required).toBeGreaterThanOrEqual(8);
    expect(result.proofs.verified).toBe(result.proofs.required);
    expect(result.audit).toEqual({ events: 25, divergences: [] });
    expect(result.latency.lastReadingToReleaseMs).toBeGreaterThan(0);
    expect(result.latency.excursionToLedgerMs).toBeNull();
  });
});
