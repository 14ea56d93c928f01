import { z } from "zod";
import { EXCEPTION_CLASSES } from "../../model/custody/exceptions.ts";
import { EXCEPTION_STAGES } from "../../model/custody/exception-lifecycle.ts";
import type { JourneyResult } from "./result.ts";

/** `expected.json`: what a journey folder comes to when all is well with the house. */
export const expectedSchema = z.strictObject({
  verdict: z.enum(["released", "held"]),
  /** In the order of the ledger. */
  exceptions: z.array(
    z.strictObject({
      code: z.string(),
      class: z.enum(EXCEPTION_CLASSES),
      leg: z.string().nullable(),
      stage: z.enum(EXCEPTION_STAGES),
    }),
  ),
  /** Decisions in order: the gate and whether it was released. */
  gates: z.array(z.tuple([z.string(), z.enum(["released", "refused"])])),
  /** Exit code of the regulator's verification. */
  verifyExitCode: z.int().min(0).max(2),
});

export type ExpectedOutcome = z.output<typeof expectedSchema>;

/** A result in the words of `expected.json`. */
export function outcomeOf(
  result: Pick<JourneyResult, "verdict" | "exceptions" | "verify"> & { releases: readonly { gate: string; granted: boolean }[] },
): ExpectedOutcome {
  return {
    verdict: result.verdict,
    exceptions: result.exceptions.map(({ code, class: exceptionClass, leg, stage }) => ({ code, class: exceptionClass, leg, stage })) as ExpectedOutcome["exceptions"],
    gates: result.releases.map(({ gate, granted }) => [gate, granted ? "released" : "refused"]),
    verifyExitCode: result.verify.exitCode as ExpectedOutcome["verifyExitCode"],
  };
}

/** Whether a result is what the folder expects; null for a folder that expects nothing. */
export function isAsExpected(expected: ExpectedOutcome | null, result: Parameters<typeof outcomeOf>[0]): boolean | null {
  return expected === null ? null : JSON.stringify(expected) === JSON.stringify(outcomeOf(result));
}
