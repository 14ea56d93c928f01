import { benchReplay } from "../../verification/bench.ts";
import { benchCustody } from "../bench/custody.ts";
import { benchGenealogy } from "../bench/genealogy.ts";
import { benchLatency } from "../bench/latency.ts";
import { machineFacts, measurement } from "../bench/measurement.ts";
import type { Measurement } from "../bench/measurement.ts";
import { benchProving } from "../bench/proving.ts";
import { benchRelease } from "../bench/release.ts";
import { benchTelemetry } from "../bench/telemetry.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { createProgress, printJson, printTable } from "../print.ts";

const REPLAY_EVENTS = 5_000;
const REPLAY_RUNS = 3;

const BENCHES: Record<string, () => Promise<Measurement[]>> = {
  proving: benchProving,
  custody: benchCustody,
  telemetry: benchTelemetry,
  latency: benchLatency,
  release: benchRelease,
  genealogy: benchGenealogy,
  replay: async () => {
    const runs = [];
    for (let run = 0; run < REPLAY_RUNS; run++) runs.push(await benchReplay(REPLAY_EVENTS));
    return [
      measurement("replay-chain-events-per-second", "decode logs and recompute the hash chain", "events/s", runs.map((run) => run.chainEventsPerSecond), { atLeast: 20_000 }),
      measurement("replay-signed-events-per-second", "the same, and recover every signature", "events/s", runs.map((run) => run.signedEventsPerSecond), { atLeast: 2_000 }),
    ];
  },
};

/** Measures through the public interfaces; exits 0 also when a target is missed: a figure is not a verdict. */
export async function bench(options: { json?: boolean; only?: string }): Promise<number> {
  const names = options.only === undefined ? Object.keys(BENCHES) : options.only.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => BENCHES[name] === undefined);
  if (unknown.length > 0)
    throw new ThreadlineError("bench-unknown", `no measurement is named ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}`);
  const progress = createProgress();
  const measurements: Measurement[] = [];
  for (const [index, name] of names.entries()) {
    progress.step(index + 1, names.length, `measuring ${name}`);
    measurements.push(...((await BENCHES[name]?.()) ?? []));
  }
  progress.done();
  const machine = machineFacts();
  if (options.json === true) printJson({ machine, measurements });
  else {
    printTable(
      ["MEASUREMENT", "MEDIAN", "UNIT", "TARGET", "MET"],
      measurements.map(({ name, median, unit, target, met }) => [name, String(median), unit, targetText(target), met === null ? "" : met ? "yes" : "NO"]),
    );
    process.stdout.write(`\n${JSON.stringify(machine)}\n`);
  }
  return 0;
}

function targetText(target: Measurement["target"]): string {
  if (target === null) return "";
  return target.atMost === undefined ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
}
