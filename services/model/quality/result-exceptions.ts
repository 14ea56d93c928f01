import type { ExceptionCode } from "../custody/exceptions.ts";
import type { BatchFailure } from "./evaluate-batch.ts";
import type { PhaseRecord } from "./batch-record.ts";
import type { BatchResults } from "./batch-results.ts";
import type { Specification } from "./specification.ts";

/** What a laboratory's record raises beside itself. */
export interface ResultException {
  code: ExceptionCode;
  observed: string;
  limit: string;
  unit: string;
  message: string;
  /** What it is about, within the record. */
  subject: string;
}

/** Every failure of a record as an exception: a late test that fails recalls, others hold. */
export function resultExceptions(specification: Specification, failures: readonly BatchFailure[]): ResultException[] {
  return failures.map((failure) => {
    switch (failure.kind) {
      case "test-missing":
        return exception("release-test-missing", failure.test, "none", failure.title, "release test", `The mandatory release test "${failure.title}" has no result.`);
      case "below-minimum":
      case "above-maximum":
      case "finding-unexpected": {
        const isLate = specification.tests.some(({ test, late }) => test === failure.test && late);
        const message = `${failure.title} is ${failure.observed}; the acceptance criterion is ${failure.limit}.`;
        return exception(isLate ? "positive-late-result" : "out-of-specification", failure.test, failure.observed, failure.limit, "release test", message);
      }
      case "signed-before-completion": {
        const [observed, limit] = [failure.signedAt, failure.completedAt].map((seconds) => new Date(seconds * 1000).toISOString());
        return exception("phase-out-of-order", "signature", observed ?? "", limit ?? "", "time", "The results were signed before the last phase was completed.");
      }
      default: {
        const code = failure.kind === "phase-missing" || failure.kind === "phase-not-completed" ? "phase-missing" : "phase-out-of-order";
        return exception(code, failure.phase, failure.kind, failure.title, "phase", `The laboratory's record of the phase "${failure.title}": ${failure.kind}.`);
      }
    }
  });
}

/** Phases that the laboratory signed with other times than the manufacturer's batch record has. */
export function phaseMismatches(record: BatchResults, phases: readonly PhaseRecord[]): ResultException[] {
  const seconds = (time: string | null | undefined) => (time === null || time === undefined ? null : Math.floor(Date.parse(time) / 1000));
  return record.phases.flatMap(({ phase, startedAt, completedAt }) => {
    const recorded = phases.find((candidate) => candidate.phase === phase);
    const expected = [seconds(recorded?.startedAt), seconds(recorded?.endedAt)];
    if (startedAt === expected[0] && completedAt === expected[1]) return [];
    const message = `The laboratory signed other times for the phase "${phase}" than the batch record has.`;
    return [exception("batch-record-mismatch", phase, `${startedAt}/${completedAt}`, expected.join("/"), "seconds", message)];
  });
}

function exception(code: ExceptionCode, subject: string, observed: string, limit: string, unit: string, message: string): ResultException {
  return { code, subject, observed, limit, unit, message };
}
