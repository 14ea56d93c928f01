import { z } from "zod";
import { captureDocument, captureSigned } from "../capture.ts";
import { endsLeg, latestEventTime } from "../times.ts";
import { act } from "./act.ts";

/** A party posts an EPCIS document of the folder, each event signed where its key is its own. */
export const captureAct = act({
  schema: z.strictObject({ capture: z.string(), by: z.string() }),
  describe: (step) => `${step.by} captures ${step.capture}`,
  async play(step, stage) {
    const text = stage.folder.documents.get(step.capture) ?? "";
    await stage.advanceTo(latestEventTime(text));
    const own = stage.signer(step.by);
    const outcome = own === null ? await captureDocument(stage.client(step.by), text) : await captureSigned(own, stage.journeyId, text);
    if ("refused" in outcome) stage.played.refusals.push({ capture: step.capture, reason: outcome.refused });
    else stage.played.captured += outcome.captured;
    if (endsLeg(stage.folder, text)) stage.legEndedAt = performance.now();
  },
});
