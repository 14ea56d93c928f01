import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { createNetwork } from "../../network/network.ts";
import type { Network } from "../../network/network.ts";
import { networkSettings } from "../../network/settings.ts";
import type { JourneyFolder } from "./folder.ts";
import { earliestTime } from "./times.ts";

const AN_HOUR_SECONDS = 3_600;
/** Free ones, so that a play runs beside a network that is up. */
const OWN_PORTS = { THREADLINE_HTTP_PORT: "0", THREADLINE_MQTT_PORT: "0", THREADLINE_RPC_PORT: "0" };

/** A temporary folder for a network that lasts as long as one play. */
export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), "threadline-play-"));
}

/** An embedded network for one folder: its chain begins before the folder's story does. */
export function startOwnNetwork(folder: JourneyFolder, home: string, report: (line: string) => void): Promise<Network> {
  const settings = networkSettings({ THREADLINE_LOG_LEVEL: "error", ...process.env, ...OWN_PORTS, THREADLINE_HOME: home }, projectRoot);
  return createNetwork({ ...settings, chainStartSeconds: earliestTime(folder) - 2 * AN_HOUR_SECONDS }, report);
}
