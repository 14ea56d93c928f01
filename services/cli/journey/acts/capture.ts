import { z } from "zod";
import { captureDocument } from "../capture.ts";
import { endsLeg, latestEventTime } from "../times.ts";
import { act } from "./act.ts";

/** A party posts an EPCIS document of the folder. */
export const captureAct = act({
  schema: z.strictObject({ capture: z.string(), by: z.string() }),
  describe: (step) => `${step.by} captures ${step.capture}`,
  async play(step, stage) {
    const text = stage.folder.documents.get(step.capture) ?? "";
    await stage.advanceTo(latestEventTime(text));
    const outcome = await captureDocument(stage.client(step.by), text);
    if ("refused" in outcome) stage.played.refusals.push({ capture: step.capture, reason: outcome.refused });
    else stage.played.captured += outcome.captured;
    if (endsLeg(stage.folder, text)) stage.legEndedAt = performance.now();
  },
});
