import { writeFileSync } from "node:fs";
import { fetchDisclosure } from "../../verification/disclosure.ts";
import { renderHtml } from "../../verification/html.ts";
import { replayJourney } from "../../verification/replay.ts";
import { renderTimeline } from "../../verification/timeline.ts";
import { apiKey, chainOf, readEndpoints } from "../endpoints.ts";
import { printJson } from "../print.ts";

export interface ReplayOptions {
  json?: boolean;
  html?: string;
  rpc?: string;
  addresses?: string;
  api?: string;
  key?: string;
}

/** The auditor's replay: history from the chain, disclosed events from the API, every divergence named. */
export async function auditReplay(journeyId: string, options: ReplayOptions): Promise<number> {
  const api = options.api ?? process.env["THREADLINE_API_URL"] ?? readEndpoints().httpUrl;
  const disclosure = await fetchDisclosure(api, options.key ?? apiKey(), journeyId);
  const report = await replayJourney({ ...chainOf(options), journeyId, disclosure });
  if (options.html !== undefined) writeFileSync(options.html, renderHtml(report));
  if (options.json === true) printJson(report);
  else process.stdout.write(renderTimeline(report));
  return report.exitCode;
}
