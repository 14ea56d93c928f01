import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./threadline.ts";

/** Files of real loggers lie beside the project, never in it. `THREADLINE_SHARED_DATA` names another folder of the same layout. */
const dataFolder = process.env["THREADLINE_SHARED_DATA"] ?? join(projectRoot, "..", "shared", "data");
const BERLINGER = "msupply-temperature-sensor";

/** Exports of Berlinger loggers: a reading every ten minutes (Q-tag) or every five (Fridge-tag). */
export const loggerFiles = {
  qTagRun2: `${BERLINGER}/QTag_CLm_doc_LR/RCPJ00010_02_202211090128.txt`,
  qTagRun3: `${BERLINGER}/QTag_CLm_doc_LR/RCPJ00010_03_202304201359.txt`,
  fridgeTagUltraLow: `${BERLINGER}/FridgeTag_UL/100800001215_202304201410.txt`,
  fridgeTag2L: `${BERLINGER}/FridgeTag_2L/130500109088_202206081014.txt`,
  occupancyTest: "LuisM78-occupancy-1min/datatest.txt",
  occupancyTraining: "LuisM78-occupancy-1min/datatraining.txt",
} as const;

/** The text of a logger file; null, after a warning, where it is absent: the tests that need it are skipped. */
export function loggerFile(name: string): string | null {
  const path = join(dataFolder, name);
  if (existsSync(path)) return readFileSync(path, "utf8");
  console.warn(`\n*** REAL LOGGER DATA ABSENT: ${name} is not in the shared data folder; TESTS OF IT ARE SKIPPED ***\n`);
  return null;
}

/** A row of a Berlinger export. `celsius` is null where the device wrote no temperature; `outOfLimits` is the device's own mark. */
export interface BerlingerRow {
  time: string;
  celsius: string | null;
  outOfLimits: boolean;
}

export function berlingerRows(export_: string): BerlingerRow[] {
  if (!/^\s*Zone: 0\.00\s*$/m.test(export_)) throw new Error("the logger's clock is not in UTC");
  const rows = export_.split(/\r?\n/).filter((line) => /^\t\d{4}-/.test(line));
  return rows.map((row) => {
    const [, day, minute, celsius, mark] = /^\t(\d{4}-\d\d-\d\d) (\d\d:\d\d)\t([-+]?\d+\.\d|--\.-)(?:\t(x?))?$/.exec(row) ?? [];
    if (celsius === undefined) throw new Error(`a row of the export is not understood: ${row}`);
    return { time: `${day}T${minute}:00Z`, celsius: celsius === "--.-" ? null : celsius, outOfLimits: mark === "x" };
  });
}

/** A Berlinger export as readings CSV. What was not measured is left out: missing data shows as a gap. */
export function berlingerCsv(export_: string): string {
  return readingsCsv(berlingerRows(export_).flatMap(({ time, celsius }) => (celsius === null ? [] : [[time, celsius] as const])));
}

/** `"number","date","Temperature",…` with a local time in seconds; read as UTC. */
export function occupancyCsv(text: string): string {
  const [, ...lines] = text.trim().split(/\r?\n/);
  return readingsCsv(
    lines.map((line) => {
      const [, date = "", celsius = ""] = line.replaceAll('"', "").split(",");
      return [`${date.replace(" ", "T")}Z`, celsius] as const;
    }),
  );
}

function readingsCsv(rows: readonly (readonly [time: string, celsius: string])[]): string {
  return ["time,temperature_celsius,tilt_degrees", ...rows.map(([time, celsius]) => `${time},${celsius},`), ""].join("\n");
}
