import { z } from "zod";
import { act } from "./act.ts";
import { identityChecksDone } from "../waiting.ts";

/**
 * A person scans a label, and the wristband where the journey has a patient. A mismatch answers 409: it is recorded, and
 * what follows from it is for the quality desk.
 */
export const scanAct = act({
  schema: z.strictObject({
    scan: z.string(),
    by: z.string(),
    at: z.string(),
    patient: z.strictObject({ system: z.string(), value: z.string() }).optional(),
  }),
  describe: (step) => `${step.by} scans a label at ${step.at}`,
  async play(step, stage) {
    const { journeyId, played } = stage;
    const wristband = step.patient === undefined ? {} : { patient: step.patient };
    const body = { raw: step.scan, journeyId, step: step.at, ...wristband };
    const answer = await stage.client(step.by).post<{ detail?: string; identityCheck?: string | null }>("/scans", body);
    if (answer.status >= 500) throw new Error(`POST /scans answered ${answer.status}: ${answer.body.detail ?? "no reason given"}`);
    if (answer.status >= 400 && answer.status !== 409)
      played.refusals.push({ capture: `scan at ${step.at}`, reason: answer.body.detail ?? `status ${answer.status}` });
    const own = stage.signer(step.by);
    const { identityCheck: linkedCommitment } = answer.body;
    if (own !== null && typeof linkedCommitment === "string") {
      const request = { act: "identity-check", linkedCommitment, step: step.at, chainOfIdentity: stage.folder.description.coi } as const;
      const signed = await own.perform(journeyId, request);
      if (signed.status !== 202) throw new Error(`the identity check at ${step.at} was not signed: ${signed.body.detail ?? signed.status}`);
    }
    await identityChecksDone(stage.operator, journeyId);
  },
});
