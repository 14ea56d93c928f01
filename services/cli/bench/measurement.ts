import { cpus, totalmem } from "node:os";

/** One measured figure beside its target. `runs` are the single results behind the median. */
export interface Measurement {
  name: string;
  what: string;
  median: number;
  runs: number[];
  unit: string;
  target: { atMost?: number; atLeast?: number } | null;
  met: boolean | null;
}

export function measurement(name: string, what: string, unit: string, runs: number[], target: Measurement["target"] = null): Measurement {
  const middle = medianOf(runs);
  const met = target === null ? null : middle <= (target.atMost ?? Infinity) && middle >= (target.atLeast ?? -Infinity);
  return { name, what, median: round(middle), runs: runs.map(round), unit, target, met };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Facts of the machine a figure is worth nothing without. */
export function machineFacts() {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
  };
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000;
}
