import { encodeBatchResults } from "./batch-results.ts";
import type { BatchResults, EncodedRecord } from "./batch-results.ts";
import { resultInterval } from "./result-encoding.ts";
import { circuitCriteria } from "./specification.ts";
import type { Specification, SpecifiedTest } from "./specification.ts";

/** Why a batch does not meet its specification. Limits and results are as the documents write them. */
export type BatchFailure =
  | { kind: "test-missing"; test: string; title: string }
  | { kind: "below-minimum" | "above-maximum"; test: string; title: string; observed: string; limit: string }
  | { kind: "finding-unexpected"; test: string; title: string; observed: string; limit: string }
  | { kind: "phase-missing" | "phase-not-completed" | "phase-ends-before-start" | "phase-out-of-order"; phase: string; title: string }
  | { kind: "signed-before-completion"; signedAt: number; completedAt: number };

export type BatchVerdict = { meetsSpecification: true; failures: [] } | { meetsSpecification: false; failures: BatchFailure[] };

/**
 * Judges a laboratory's record as the circuit `batch-release` does: it meets the specification if and only if it can be proven,
 * given the laboratory's signature. Names every test and phase that fails. Throws as `encodeBatchResults` does.
 */
export function evaluateBatch(specification: Specification, record: BatchResults): BatchVerdict {
  const encoded = encodeBatchResults(specification, record);
  const failures = [...testFailures(specification, record, encoded), ...phaseFailures(specification, record, encoded)];
  return failures.length === 0 ? { meetsSpecification: true, failures: [] } : { meetsSpecification: false, failures };
}

function testFailures(specification: Specification, record: BatchResults, { results }: EncodedRecord): BatchFailure[] {
  const criteria = circuitCriteria(specification, record.stage);
  return specification.tests.flatMap((test, place): BatchFailure[] => {
    const [result, criterion] = [results[place], criteria[place]];
    if (result === undefined || criterion === undefined) return [];
    const named = { test: test.test, title: test.title };
    if (!result.isPresent) return criterion.isMandatory ? [{ kind: "test-missing", ...named }] : [];
    const { low, high } = resultInterval(result);
    const observed = observedText(record, test);
    if (test.kind === "qualitative") return low === criterion.minimum ? [] : [{ kind: "finding-unexpected", ...named, observed, limit: test.expected }];
    return [
      ...(low < criterion.minimum ? [{ kind: "below-minimum" as const, ...named, observed, limit: `${test.minimum} ${test.unit}` }] : []),
      ...(high > criterion.maximum ? [{ kind: "above-maximum" as const, ...named, observed, limit: `${test.maximum} ${test.unit}` }] : []),
    ];
  });
}

function phaseFailures(specification: Specification, { signedAt }: BatchResults, { startedAt, completedAt }: EncodedRecord): BatchFailure[] {
  const failures: BatchFailure[] = [];
  let latest = 1;
  specification.phases.forEach((phase, place) => {
    const [start, end] = [startedAt[place] ?? 0, completedAt[place] ?? 0];
    const failed = (kind: "phase-missing" | "phase-not-completed" | "phase-ends-before-start" | "phase-out-of-order"): number => failures.push({ kind, ...phase });
    if (start === 0) failed("phase-missing");
    else if (end === 0) failed("phase-not-completed");
    else if (end < start) failed("phase-ends-before-start");
    else if (start < latest) failed("phase-out-of-order");
    latest = Math.max(latest, end);
  });
  if (latest > signedAt) failures.push({ kind: "signed-before-completion", signedAt, completedAt: latest });
  return failures;
}

const SIGNS = { equal: "", "less-than": "< ", "greater-than": "> " };

function observedText(record: BatchResults, { test }: SpecifiedTest): string {
  const result = record.results.find((candidate) => candidate.test === test);
  if (result === undefined) return "";
  return "value" in result ? `${SIGNS[result.qualifier]}${result.value} ${result.unit}` : result.qualifier;
}
