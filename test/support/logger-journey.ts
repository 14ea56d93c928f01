import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "./threadline.ts";
import { parseReadingsCsv } from "../../services/model/readings-csv.ts";
import type { FlowDefinition } from "../../services/model/custody/flow.ts";
import { present } from "./present.ts";

export interface TransportLimits {
  minimumTemperatureCelsius: number;
  maximumTemperatureCelsius: number;
  temperatureBudgetSeconds: number;
}

interface Journey {
  devices: { calibratedFrom: string; calibratedUntil: string }[];
  setup: unknown[];
  steps: Record<string, string>[];
}

const HOUR = 3_600;
const LAST_CAPTURE = "events/17-batch-record-review.jsonld";

/**
 * Writes a journey folder to a temporary directory: the example's flow from therapy order to certification, at the time
 * of a real log and with its readings untouched. Events up to the pickup and from the delivery on are moved as two blocks, so that
 * the log starts four minutes before the pickup and ends four minutes after the receipt.
 */
export function writeLoggerJourney(readingsCsv: string, limits: TransportLimits): string {
  const example = join(projectRoot, "examples", "car-t");
  const folder = mkdtempSync(join(tmpdir(), "threadline-logger-journey-"));
  const readings = parseReadingsCsv(readingsCsv);
  const first = present(readings[0]).timeSeconds;
  const last = present(readings.at(-1)).timeSeconds;

  cpSync(join(example, "events"), join(folder, "events"), { recursive: true });
  const pickup = timeOf(folder, "08-collection-pickup.jsonld");
  const receipt = timeOf(folder, "10-collection-receipt.jsonld");
  for (const name of readdirSync(join(folder, "events")))
    shift(join(folder, "events", name), name < "09" ? first + 240 - pickup : last - 240 - receipt);

  const flow = JSON.parse(readFileSync(join(example, "flow.json"), "utf8")) as FlowDefinition;
  const longest = last - first + 24 * HOUR;
  flow.steps = flow.steps.slice(0, flow.steps.findIndex((step) => step.step === "batch-record-review") + 1);
  flow.legs = flow.legs.filter((leg) => leg.leg === "inbound");
  // The log is of a shipment alone: no batch and no patient came with it.
  flow.specifications = [];
  flow.steps = flow.steps.map((step) => ({ ...step, identityCheck: "none" }));
  flow.gates = flow.gates.filter((gate) => gate.gate === "certification").map((gate) => ({ ...gate, requiredSpecifications: [] }));
  flow.profiles = flow.profiles.filter((profile) => profile.name === "apheresis-fresh-cool").map((profile) => ({ ...profile, ...limits, longestDurationSeconds: longest }));
  for (const step of flow.steps) if (step.step === "collection-receipt") step.within = [{ of: "apheresis-collection", seconds: longest }];

  const journey = JSON.parse(readFileSync(join(example, "journey.json"), "utf8")) as Journey;
  journey.setup = [];
  journey.steps = journey.steps
    .slice(0, journey.steps.findIndex((step) => step["capture"] === LAST_CAPTURE) + 1)
    .filter((step) => "capture" in step || "leg" in step);
  journey.steps.push({ release: "certification", by: "certifier" });
  for (const device of journey.devices) Object.assign(device, { calibratedFrom: iso(first - 720 * HOUR), calibratedUntil: iso(last + 720 * HOUR) });

  mkdirSync(join(folder, "readings"));
  writeFileSync(join(folder, "readings", "inbound.csv"), readingsCsv);
  writeFileSync(join(folder, "flow.json"), JSON.stringify(flow));
  writeFileSync(join(folder, "journey.json"), JSON.stringify(journey));
  return folder;
}

function timeOf(folder: string, name: string): number {
  const [, time = ""] = /"eventTime": "([^"]+)"/.exec(readFileSync(join(folder, "events", name), "utf8")) ?? [];
  return Date.parse(time) / 1000;
}

function shift(path: string, seconds: number): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/("(?:eventTime|creationDate)": ")([^"]+)"/g, (_, key: string, time: string) => `${key}${iso(Date.parse(time) / 1000 + seconds)}"`));
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
