/** Classes of an exception; the place in this list is the number in `IExceptionRegister.Class`. */
export const EXCEPTION_CLASSES = ["informational", "minor", "major", "critical"] as const;

export type ExceptionClass = (typeof EXCEPTION_CLASSES)[number];

/**
 * The exception catalogue (review by exception): code → class. Critical and major ones hold a release until a
 * quality decision; nothing is ever deleted.
 */
export const EXCEPTION_CATALOGUE = {
  "temperature-excursion": "critical",
  "tilt-excursion": "major",
  "sensor-gap": "major",
  "device-not-enrolled": "major",
  "device-not-calibrated": "major",
  "signature-invalid": "critical",
  "step-out-of-order": "major",
  "custody-gap": "critical",
  "time-limit-exceeded": "major",
  "identity-mismatch": "critical",
  "late-entry": "minor",
  "actor-not-authorised": "major",
  "clock-skew": "minor",
  "label-not-printed": "critical",
  "label-voided": "critical",
  "label-reconciliation-difference": "major",
  "patient-merge-conflict": "critical",
} as const satisfies Record<string, ExceptionClass>;

export type ExceptionCode = keyof typeof EXCEPTION_CATALOGUE;

export function classOf(code: ExceptionCode): ExceptionClass {
  return EXCEPTION_CATALOGUE[code];
}

/** Whether an open exception of this class holds a release. */
export function holdsRelease(exceptionClass: ExceptionClass): boolean {
  return exceptionClass === "critical" || exceptionClass === "major";
}
