import { z } from "zod";
import { acceptAct } from "./accept.ts";
import type { Act, Stage } from "./act.ts";
import { captureAct } from "./capture.ts";
import { laboratoryAct } from "./laboratory.ts";
import { readingsAct } from "./readings.ts";
import { releaseAct } from "./release.ts";
import { requestAct } from "./request.ts";
import { scanAct } from "./scan.ts";

/** Every kind of step, by the member that only it has. */
const ACTS = {
  capture: captureAct,
  readings: readingsAct,
  scan: scanAct,
  laboratory: laboratoryAct,
  accept: acceptAct,
  release: releaseAct,
  request: requestAct,
} as const;

/** One step of `journey.json`. */
export const stepSchema = z.union([
  captureAct.schema,
  readingsAct.schema,
  scanAct.schema,
  laboratoryAct.schema,
  acceptAct.schema,
  releaseAct.schema,
  requestAct.schema,
]);

export type JourneyStep = z.output<typeof stepSchema>;

export function describeStep(step: JourneyStep): string {
  return actOf(step).describe(step);
}

export function playStep(step: JourneyStep, stage: Stage): Promise<void> {
  return actOf(step).play(step, stage);
}

function actOf(step: JourneyStep): Act {
  const kind = (Object.keys(ACTS) as (keyof typeof ACTS)[]).find((name) => name in step);
  if (kind === undefined) throw new RangeError(`no kind of step has the members ${Object.keys(step).join(", ")}`);
  return ACTS[kind] as unknown as Act;
}
