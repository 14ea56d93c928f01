import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { READINGS_PER_SEGMENT } from "../../services/model/condition/index.ts";
import { parseReadingsCsv } from "../../services/model/readings-csv.ts";
import { plainExcursion } from "../support/condition-oracle.ts";
import { berlingerCsv, loggerFile, loggerFiles } from "../support/logger-files.ts";
import { writeLoggerJourney } from "../support/logger-journey.ts";
import type { TransportLimits } from "../support/logger-journey.ts";
import { qTagReport } from "../support/logger-reports.ts";
import { present } from "../support/present.ts";
import { threadline } from "../support/threadline.ts";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

async function demo(readingsCsv: string, limits: TransportLimits) {
  const folder = writeLoggerJourney(readingsCsv, limits);
  folders.push(folder);
  const { exitCode, stdout, stderr } = await threadline(["demo", folder, "--json"]);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

const EVENTS = 17;
const run3 = loggerFile(loggerFiles.qTagRun3);
const [text, count] = run3 === null ? [loggerFile(loggerFiles.qTagRun2), 124] : [run3, 424];
if (run3 === null && text !== null) console.warn("*** THE SHORTER Q-TAG LOG, RUN 2 WITH 124 READINGS AND ONE SEGMENT, IS PLAYED INSTEAD OF RUN 3 WITH 424 AND THREE ***\n");

describe(`a journey with a Q-tag shipment log of ${count} readings`, () => {
  const segments = Math.ceil(count / READINGS_PER_SEGMENT);

  it.skipIf(text === null)("is certified under limits at the device's own extremes: the leg is proven", async () => {
    const { minimumCelsius, maximumCelsius } = qTagReport(present(text));
    const result = await demo(berlingerCsv(present(text)), { minimumTemperatureCelsius: minimumCelsius, maximumTemperatureCelsius: maximumCelsius, temperatureBudgetSeconds: 0 });
    expect(result.exceptions).toEqual([]);
    expect(result.releases).toEqual([expect.objectContaining({ gate: "certification", granted: true })]);
    expect(result.verdict).toBe("released");
    expect(result.events).toEqual({ captured: EVENTS, recorded: EVENTS });
    expect(result.readings).toEqual({ received: count, segments });
    expect(result.proofs).toEqual({ required: segments, verified: segments });
    expect(result.verify).toEqual({ verdict: "compliant", exitCode: 0 });
    expect(result.audit).toEqual({ events: EVENTS, divergences: [] });
  });

  it.skipIf(text === null)("is held under the device's alarm limit of 8 degrees for an hour, at the reading where the hour is over", async () => {
    const csv = berlingerCsv(present(text));
    const alarm = present(qTagReport(present(text)).alarms.find(({ side }) => side === "above"));
    const limit = alarm.allowedMinutes * 60;
    const readings = parseReadingsCsv(csv);
    const excursion = plainExcursion(readings, (celsius) => celsius > alarm.limitCelsius);
    const crossed = excursion.findIndex(({ seconds }) => seconds > limit);

    const result = await demo(csv, { minimumTemperatureCelsius: 0, maximumTemperatureCelsius: alarm.limitCelsius, temperatureBudgetSeconds: limit });
    expect(result.verdict).toBe("held");
    expect(result.exceptions).toEqual([expect.objectContaining({ code: "temperature-excursion", class: "critical", leg: "inbound", observed: excursion[crossed]?.seconds, limit })]);
    const at = Date.parse(result.exceptions[0].at) / 1000;
    expect(at).toBe(readings[crossed]?.timeSeconds);
    expect(Math.abs(at - present(alarm.at))).toBeLessThanOrEqual(2 * 600);
    expect(result.releases).toEqual([expect.objectContaining({ gate: "certification", granted: false })]);
    expect(result.readings).toEqual({ received: count, segments });
    expect(result.proofs.required).toBe(segments);
    expect(result.proofs.verified).toBe(Math.floor(crossed / READINGS_PER_SEGMENT));
    expect(result.verify).toEqual({ verdict: "not-compliant", exitCode: 1 });
    expect(result.audit).toEqual({ events: EVENTS, divergences: [] });
    expect(result.latency.excursionToLedgerMs).toBeGreaterThanOrEqual(0);
  });
});
