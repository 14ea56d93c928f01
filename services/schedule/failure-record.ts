/** As much of a logger as it takes. */
export interface FailureLogger {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What does not get on, for an operator. */
export interface Failure {
  /** Failures one after the other. */
  failures: number;
  sinceMilliseconds: number;
  problem: string;
}

export interface FailureRecord {
  succeeded(): void;
  failed(error: unknown): void;
  /** Failures since the last success. */
  inARow(): number;
  /** Null until several failures in a row: one alone is no news. */
  failure(): Failure | null;
}

const IN_A_ROW_BEFORE_TOLD = 3;

/** Counts failures in a row; logs the first, then ever fewer of the same, and that it goes on again. */
export function createFailureRecord(name: string, logger: FailureLogger): FailureRecord {
  let failures = 0;
  let sinceMilliseconds = 0;
  let problem = "";
  return {
    succeeded() {
      if (failures > 0) logger.info({ failures }, `${name} goes on`);
      failures = 0;
    },
    failed(error) {
      if (failures === 0) sinceMilliseconds = Date.now();
      failures += 1;
      problem = error instanceof Error ? error.message : String(error);
      if (Number.isInteger(Math.log2(failures))) logger.error({ err: error, failures }, `${name} failed; it is tried again`);
    },
    inARow: () => failures,
    failure: () => (failures < IN_A_ROW_BEFORE_TOLD ? null : { failures, sinceMilliseconds, problem }),
  };
}
