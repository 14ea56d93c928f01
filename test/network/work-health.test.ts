import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { loopHealth, proofHealth, registerWorkMetrics } from "../../services/network/work-health.ts";

const failure = { failures: 5, sinceMilliseconds: 1_000, problem: "no such table" };

describe("health of what works in the background", () => {
  it("is well while every loop gets on, and says which does not and why", () => {
    expect(loopHealth({ indexer: null, relay: null })).toEqual({ ok: true, loops: 2 });
    expect(loopHealth({ indexer: null, relay: failure })).toEqual({ ok: false, problem: "relay failed 5 times in a row, last: no such table" });
  });

  it("counts proofs that fail without being unwell, and says nothing of what they are", () => {
    const failing = () => [{ key: "a secret commitment", failures: 7, sinceMilliseconds: 1_000, problem: "not for everyone" }];
    const report = proofHealth({ segments: { failing: () => [] }, identities: { failing } }, 61_000);
    expect(report).toEqual({ ok: true, segments: { failing: 0, longestFailingSeconds: 0 }, identities: { failing: 1, longestFailingSeconds: 60 } });
  });

  it("shows both as metrics, as they are when asked", async () => {
    const registry = new Registry();
    let failures: Record<string, typeof failure | null> = { relay: failure };
    registerWorkMetrics(registry, { failures: () => failures, queues: { identities: { failing: () => [{ key: "k", ...failure }] } } });
    expect(await registry.metrics()).toMatch(/threadline_loop_failures\{loop="relay"\} 5[^]*threadline_failing_proofs\{queue="identities"\} 1/);
    failures = { relay: null };
    expect(await registry.metrics()).toContain('threadline_loop_failures{loop="relay"} 0');
  });
});
