import { rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { readJourneyFolder } from "../journey/folder.ts";
import type { JourneyFolder } from "../journey/folder.ts";
import { startOwnNetwork, temporaryHome } from "../journey/own-network.ts";
import { playJourney } from "../journey/player.ts";
import { measurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const RUNS = 3;

/**
 * From the last fact a gate waits for until its release is on the ledger, in the whole CAR-T journey: laboratory results
 * that need a batch proof before certification, the second person's scan that needs identity proofs before the infusion.
 */
export async function benchRelease(): Promise<Measurement[]> {
  const folder = withResultsLast(readJourneyFolder(join(projectRoot, "examples", "car-t")));
  const certification: number[] = [];
  const clearance: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const seconds = await releaseSeconds(folder);
    certification.push(seconds("certification"));
    clearance.push(seconds("clearance-to-infuse"));
  }
  const target = { atMost: 5 };
  return [
    measurement("results-to-certification", "laboratory results handed over until the certification is on the ledger", "s", certification, target),
    measurement("bedside-scan-to-clearance", "second person's scan until the clearance to infuse is on the ledger", "s", clearance, target),
  ];
}

async function releaseSeconds(folder: JourneyFolder): Promise<(gate: string) => number> {
  const home = temporaryHome();
  const network = await startOwnNetwork(folder, home, () => undefined);
  try {
    const { releases } = await playJourney(folder, network, () => undefined);
    return (gate) => {
      const release = releases.find((candidate) => candidate.gate === gate);
      if (release?.granted !== true || release.afterLastFactMs === null)
        throw new ThreadlineError("bench-empty", `the gate ${gate} was not released after a fact: ${release?.reason ?? "nobody decided on it"}`);
      return release.afterLastFactMs / 1000;
    };
  } finally {
    await network.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The folder's laboratory results become the last fact before the certification. */
function withResultsLast(folder: JourneyFolder): JourneyFolder {
  const results = folder.description.steps.filter((step) => "laboratory" in step);
  const others = folder.description.steps.filter((step) => !("laboratory" in step));
  const gate = others.findIndex((step) => "release" in step && step.release === "certification");
  return { ...folder, description: { ...folder.description, steps: [...others.slice(0, gate), ...results, ...others.slice(gate)] } };
}
