import type { ApiClient } from "../api-client.ts";
import type { AuditReport } from "../../verification/replay.ts";
import type { VerifyReport } from "../../verification/verify.ts";
import { isAsExpected } from "./expected.ts";
import type { ExpectedOutcome } from "./expected.ts";
import type { PlayedJourney } from "./player.ts";

/** What a played journey came to; `demo --json` prints it. Keep its shape stable. */
export interface JourneyResult {
  journeyId: string;
  verdict: "released" | "held";
  events: { captured: number; recorded: number };
  readings: { received: number; segments: number };
  proofs: { required: number; verified: number };
  exceptions: ExceptionLine[];
  releases: PlayedJourney["releases"];
  refusals: PlayedJourney["refusals"];
  verify: { verdict: string; exitCode: number };
  audit: { events: number; divergences: unknown[] };
  /** Whether it came to what `expected.json` says; null for a folder without one. */
  asExpected: boolean | null;
  latency: { lastReadingToReleaseMs: number | null; excursionToLedgerMs: number | null };
}

export interface ExceptionLine {
  code: string;
  class: string;
  leg: string | null;
  stage: string;
  at: string;
  observed: string | number | null;
  limit: string | number | null;
}

interface JourneyStatus {
  eventCount: number;
  readingsReceived: number;
}

interface Proofs {
  segments: { ledger: unknown }[];
}

/** Asks the API, as any party may, what was recorded, and puts it beside what verify and audit found on their own. */
export async function journeyResult(
  api: ApiClient,
  played: PlayedJourney,
  verify: VerifyReport,
  audit: AuditReport,
  expected: ExpectedOutcome | null,
): Promise<JourneyResult> {
  const path = `/journeys/${played.journeyId}`;
  const status = await api.must(api.get<JourneyStatus>(path));
  const { segments } = await api.must(api.get<Proofs>(`${path}/proofs`));
  const { exceptions } = await api.must(api.get<{ exceptions: (ExceptionLine & { status: string })[] }>(`${path}/exceptions`));
  const open = exceptions.filter((exception) => (exception.status === "pending" || exception.status === "open") && (exception.class === "critical" || exception.class === "major"));
  const granted = played.releases.at(-1)?.granted ?? false;
  const result = {
    journeyId: played.journeyId,
    verdict: granted && open.length === 0 ? ("released" as const) : ("held" as const),
    events: { captured: played.captured, recorded: status.eventCount },
    readings: { received: status.readingsReceived, segments: segments.length },
    proofs: { required: segments.length, verified: segments.filter((segment) => segment.ledger !== null).length },
    exceptions: exceptions.map(({ code, class: exceptionClass, leg, stage, at, observed, limit }) => ({
      code,
      class: exceptionClass,
      leg: leg ?? null,
      stage: stage ?? "detected",
      at,
      observed: observed ?? null,
      limit: limit ?? null,
    })),
    releases: played.releases,
    refusals: played.refusals,
    verify: { verdict: verify.verdict, exitCode: verify.exitCode },
    audit: { events: audit.events.length, divergences: audit.divergences },
    latency: { lastReadingToReleaseMs: played.lastReadingToReleaseMs, excursionToLedgerMs: played.excursionToLedgerMs },
  };
  return { ...result, asExpected: isAsExpected(expected, result) };
}

/** The result for a person. */
export function renderResult(name: string, result: JourneyResult): string {
  const { events, readings, proofs, exceptions, releases, refusals, verify, audit, latency } = result;
  const milliseconds = (value: number | null) => (value === null ? "not applicable" : `${(value / 1000).toFixed(2)} s`);
  return [
    "",
    `${name}: ${result.verdict.toUpperCase()}`,
    `  journey     ${result.journeyId}`,
    `  events      ${events.captured} captured, ${events.recorded} on the ledger`,
    ...refusals.map((refusal) => `  refused     ${refusal.capture}: ${refusal.reason}`),
    `  readings    ${readings.received} received in ${readings.segments} sealed segments`,
    `  proofs      ${proofs.verified} of ${proofs.required} verified on chain`,
    `  exceptions  ${exceptions.length === 0 ? "none" : ""}`,
    ...exceptions.map((line) => `    ${line.class.padEnd(8)} ${line.code} ${line.leg === null ? "" : `on ${line.leg} `}at ${line.at}: observed ${line.observed}, limit ${line.limit}`),
    ...releases.map((release) => `  decision    ${release.gate}: ${release.granted ? "released" : "refused"} (${release.reason})`),
    `  regulator   ${verify.verdict} (exit ${verify.exitCode})`,
    `  auditor     ${audit.events} events replayed, ${audit.divergences.length} divergences`,
    ...(result.asExpected === null ? [] : [`  expected    ${result.asExpected ? "this is what the folder says it comes to" : "ANOTHER OUTCOME THAN THE FOLDER SAYS (expected.json)"}`]),
    `  latency     last reading to release ${milliseconds(latency.lastReadingToReleaseMs)}, excursion to ledger ${milliseconds(latency.excursionToLedgerMs)}`,
    "",
  ].join("\n");
}
