import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { fetchDisclosure } from "../../verification/disclosure.ts";
import { replayJourney } from "../../verification/replay.ts";
import { verifyJourney } from "../../verification/verify.ts";
import { createApiClient } from "../api-client.ts";
import { readJourneyFolder } from "../journey/folder.ts";
import type { JourneyFolder } from "../journey/folder.ts";
import { startOwnNetwork, temporaryHome } from "../journey/own-network.ts";
import { playJourney } from "../journey/player.ts";
import { journeyResult, renderResult } from "../journey/result.ts";
import type { JourneyResult } from "../journey/result.ts";
import { createProgress, printJson } from "../print.ts";

/**
 * Plays a journey folder through an embedded network of its own, then checks it as regulator and auditor.
 * Returns 0 when the run itself worked, whatever the verdict.
 */
export async function demo(folderName: string | undefined, options: { json?: boolean; keep?: boolean }): Promise<number> {
  const folder = readJourneyFolder(resolve(folderName ?? join(projectRoot, "examples", "car-t")));
  const home = temporaryHome();
  try {
    const result = await runFolder(folder, home);
    if (options.json === true) printJson(result);
    else process.stdout.write(renderResult(folder.description.name, result));
    return 0;
  } finally {
    if (options.keep === true) process.stderr.write(`threadline: the network's folder is ${home}\n`);
    else rmSync(home, { recursive: true, force: true });
  }
}

async function runFolder(folder: JourneyFolder, home: string): Promise<JourneyResult> {
  const progress = createProgress();
  const network = await startOwnNetwork(folder, home, (line) => progress.step(0, folder.description.steps.length, `starting: ${line}`));
  const stop = () => void network.close().finally(() => process.exit(130));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const played = await playJourney(folder, network, (done, total, line) => progress.step(done, total, line));
    progress.done();
    const { rpcUrl, addresses, httpUrl } = network;
    const chain = { rpcUrl, addresses: addresses as never, journeyId: played.journeyId };
    const auditor = folder.description.participants.find((participant) => participant.roles.includes("auditor"));
    const auditorKey = (auditor === undefined ? undefined : played.keys.get(auditor.id)) ?? network.operatorKey;
    const verify = await verifyJourney(chain);
    const audit = await replayJourney({ ...chain, disclosure: await fetchDisclosure(httpUrl, auditorKey, played.journeyId) });
    return await journeyResult(createApiClient(httpUrl, network.operatorKey), played, verify, audit, folder.expected);
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
    await network.close();
  }
}
