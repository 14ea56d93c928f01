import { getBytes, keccak256, toUtf8Bytes } from "ethers";
import { detailCommitment } from "../model/custody/commitments.ts";
import { partOfDetail } from "../model/privacy/views.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { Divergence } from "./audit-report.ts";
import { ruleExceptionKeys } from "./checks/custody-rules.ts";
import { normalHash } from "./disclosure.ts";
import type { DisclosedException } from "./disclosure.ts";
import type { HistoryException, JourneyHistory } from "./history.ts";

/** The disclosed detail of an exception: canonical JSON behind its commitment. */
export interface ExceptionDetail {
  message: string | null;
  observed: unknown;
  limit: unknown;
  unit: string | null;
}

export interface MatchedExceptions {
  byNumber: Map<number, ExceptionDetail>;
  divergences: Divergence[];
}

/**
 * Puts each disclosed detail beside the exception it opens; the ledger's own exceptions disclose nothing. A detail that
 * belongs to a part of the journey outside the view of who asked is not missing.
 */
export function matchExceptions(
  history: JourneyHistory,
  disclosed: readonly DisclosedException[],
  withheld: readonly string[],
): MatchedExceptions {
  const { journeyId } = history;
  const byKey = new Map(history.exceptions.map((exception) => [exception.log.exceptionKey, exception]));
  const byNumber = new Map<number, ExceptionDetail>();
  const divergences: Divergence[] = [];
  for (const candidate of disclosed) {
    const exceptionKey = normalHash(candidate.exceptionKey);
    const exception = byKey.get(exceptionKey);
    if (exception === undefined) {
      divergences.push({
        kind: "exception-not-on-ledger",
        what: `disclosed exception ${candidate.code}`,
        expected: "an exception of the journey",
        actual: exceptionKey,
      });
      continue;
    }
    const detail = parseDetail(candidate.detail);
    byNumber.set(exception.log.number, {
      message: typeof detail["message"] === "string" ? detail["message"] : null,
      observed: detail["observed"] ?? null,
      limit: detail["limit"] ?? null,
      unit: typeof detail["unit"] === "string" ? detail["unit"] : null,
    });
    divergences.push(...detailDivergences(journeyId, exception, candidate, detail));
  }
  const own = ruleExceptionKeys(history);
  for (const { log } of history.exceptions)
    if (!byNumber.has(log.number) && !own.has(log.exceptionKey) && !withheld.includes(partOfDetail(log.code)))
      divergences.push({
        kind: "exception-missing",
        what: `detail of exception ${log.number}, ${log.code}`,
        expected: log.detailCommitment,
        actual: "none",
      });
  return { byNumber, divergences };
}

function detailDivergences(
  journeyId: string,
  { log, class: exceptionClass }: HistoryException,
  disclosed: DisclosedException,
  detail: Record<string, unknown>,
): Divergence[] {
  const divergences: Divergence[] = [];
  const differs = (what: string, expected: unknown, actual: unknown) => {
    if (String(expected) === String(actual)) return;
    const name = `${what} of exception ${log.number}, ${log.code}`;
    divergences.push({ kind: "exception-detail-altered", what: name, expected: String(expected), actual: String(actual) });
  };
  differs("commitment", log.detailCommitment, detailCommitment(disclosed.detail, getBytes(normalHash(disclosed.salt))));
  differs("code", log.code, disclosed.code);
  differs("class", exceptionClass, disclosed.class);
  differs("leg", log.leg === 0 ? null : log.leg - 1, disclosed.leg);
  differs("time", log.occurredAt, disclosed.occurredAt);
  differs("code in the detail", log.code, detail["code"]);
  differs("journey in the detail", journeyId, detail["journeyId"]);
  differs("time in the detail", log.occurredAt, detail["occurredAt"]);
  differs("leg in the detail", log.leg === 0 ? null : log.leg - 1, detail["leg"]);
  differs("key", log.exceptionKey, keccak256(toUtf8Bytes(`${journeyId}:${log.code}:${String(detail["key"])}`)));
  return divergences;
}

/** Name of a leg by the ledger's number (leg + 1, zero for none). */
export function legName(flow: FlowDefinition, leg: number): string | null {
  return leg === 0 ? null : (flow.legs[leg - 1]?.leg ?? String(leg - 1));
}

function parseDetail(text: string): Record<string, unknown> {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === "object" && detail !== null ? (detail as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
