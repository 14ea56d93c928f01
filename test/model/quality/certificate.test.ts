import { describe, expect, it } from "vitest";
import { certificateHash, certificateOfAnalysis } from "../../../services/model/quality/index.ts";
import type { BatchResults } from "../../../services/model/quality/index.ts";
import { goodRecord, testSpecification, withResult } from "../../circuits/support/batches.ts";

const source = (record: BatchResults = goodRecord()) => ({
  journeyId: `0x${"22".repeat(32)}`, batch: "https://id.example.org/batch/1", laboratory: "9506000134LAB1", specification: testSpecification, record,
});
const written = (record?: BatchResults) => certificateOfAnalysis(source(record));

/** Every value of a JSON document, by its path. */
function leaves(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, child]) => leaves(child, [...path, Array.isArray(value) ? Number(name) : name]));
}

describe("a certificate of analysis", () => {
  it("shows each test of the specification with criterion, result and verdict", () => {
    expect(written().tests.map(({ test, criterion, result, verdict }) => [test, criterion, result, verdict])).toEqual([
      ["viabilityPercent", "at least 70.0 %", "70.0 %", "meets"],
      ["vectorCopyNumber", "0.02 to 4.99 {copies}/{cell}", "0.02 {copies}/{cell}", "meets"],
      ["endotoxin", "at most 0.50 [EU]/mL", "0.50 [EU]/mL", "meets"],
      ["cellCount", "report result in 10*6", "0 10*6", "meets"],
      ["sterility", "negative", "negative", "meets"],
      ["identity", "positive", "positive", "meets"],
      ["osmolalityShift", "-5 to 5 mosm/kg", "-5 mosm/kg", "meets"],
    ]);
    expect(written().conclusion).toBe("meets-specification");
  });

  it("says what fails, what is missing and what is still to come", () => {
    const verdictOf = (record: BatchResults, test: string) => written(record).tests.find((row) => row.test === test);
    const low = withResult(goodRecord(), "viabilityPercent", { qualifier: "equal", value: "69.9", unit: "%" });
    expect(verdictOf(low, "viabilityPercent")).toMatchObject({ result: "69.9 %", verdict: "fails" });
    expect(written(low).conclusion).toBe("does-not-meet-specification");
    const unsterile = withResult(goodRecord(), "sterility", null);
    expect(verdictOf(unsterile, "sterility")).toMatchObject({ result: "missing", verdict: "missing" });
    const first = { ...unsterile, stage: "first" as const };
    expect(verdictOf(first, "sterility")).toMatchObject({ result: "pending", verdict: "pending" });
    expect(written(first).conclusion).toBe("meets-specification");
    expect(verdictOf(withResult(goodRecord(), "osmolalityShift", null), "osmolalityShift")).toMatchObject({ verdict: "not-tested" });
  });

  it("has another hash when any one value is altered", () => {
    const certificate = written();
    const hashes = new Set([certificateHash(certificate)]);
    const paths = leaves(certificate);
    for (const path of paths) {
      const altered = structuredClone(certificate) as unknown as Record<string | number, unknown>;
      let holder = altered;
      for (const name of path.slice(0, -1)) holder = holder[name] as Record<string | number, unknown>;
      const last = path.at(-1) ?? "";
      holder[last] = `${String(holder[last])}?`;
      hashes.add(certificateHash(altered as unknown as typeof certificate));
    }
    expect(paths.length).toBeGreaterThan(50);
    expect(hashes.size).toBe(paths.length + 1);
  });

  it("cannot be guessed from its hash without the laboratory's salt, which it does not show", () => {
    expect(certificateHash(written({ ...goodRecord(), salt: "3d".repeat(31) }))).not.toBe(certificateHash(written()));
    expect(JSON.stringify(written())).not.toContain(goodRecord().salt);
  });
});
