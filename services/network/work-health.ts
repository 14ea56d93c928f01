import { Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { ProofQueue } from "../proving/proof-queue.ts";
import type { Failure } from "../schedule/failure-record.ts";
import type { PartHealth } from "./health.ts";

/** What works in the background: why each loop does not get on (null while it does), and the queues of proofs. */
export interface BackgroundWork {
  failures(): Record<string, Failure | null>;
  queues: Record<string, Pick<ProofQueue, "failing">>;
}

/** Not well while a loop fails again and again. */
export function loopHealth(failures: Record<string, Failure | null>): PartHealth {
  const failing = Object.entries(failures).flatMap(([loop, failure]) => (failure === null ? [] : [{ loop, ...failure }]));
  if (failing.length === 0) return { ok: true, loops: Object.keys(failures).length };
  const problem = failing.map(({ loop, failures: count, problem: reason }) => `${loop} failed ${count} times in a row, last: ${reason}`).join("; ");
  return { ok: false, problem };
}

/**
 * Proofs that fail and are tried again: counted, not complained of, for others go on and the node must not be taken for
 * dead because of one. Why stands in the log, which the open health report does not repeat.
 */
export function proofHealth(queues: BackgroundWork["queues"], nowMilliseconds = Date.now()): PartHealth {
  const counts = Object.entries(queues).map(([queue, { failing }]) => {
    const [longest] = failing();
    const failingSeconds = longest === undefined ? 0 : Math.floor((nowMilliseconds - longest.sinceMilliseconds) / 1000);
    return [queue, { failing: failing().length, longestFailingSeconds: failingSeconds }] as const;
  });
  return { ok: true, ...Object.fromEntries(counts) };
}

export function registerWorkMetrics(registry: Registry, { failures, queues }: BackgroundWork): void {
  new Gauge({
    name: "threadline_loop_failures",
    help: "Failures in a row of each loop that works in the background; 0 while it gets on",
    labelNames: ["loop"],
    registers: [registry],
    collect() {
      for (const [loop, failure] of Object.entries(failures())) this.set({ loop }, failure?.failures ?? 0);
    },
  });
  new Gauge({
    name: "threadline_failing_proofs",
    help: "Proofs whose last attempt failed and that are tried again, by what is proven",
    labelNames: ["queue"],
    registers: [registry],
    collect() {
      for (const [queue, { failing }] of Object.entries(queues)) this.set({ queue }, failing().length);
    },
  });
}
