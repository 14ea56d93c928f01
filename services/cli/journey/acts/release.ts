import { z } from "zod";
import { proofsDone } from "../waiting.ts";
import { act } from "./act.ts";

/** A person with the gate's duty decides on a release, when the proofs are in; with their own key where they have one. */
export const releaseAct = act({
  schema: z.strictObject({ release: z.string(), by: z.string() }),
  describe: (step) => `${step.by} decides on ${step.release}`,
  async play(step, stage) {
    const { journeyId, operator, played } = stage;
    await proofsDone(operator, journeyId, stage.legEndedAt);
    const own = stage.signer(step.by);
    const decision =
      own === null
        ? await stage.client(step.by).post<{ detail?: string; title?: string }>(`/journeys/${journeyId}/releases`, { gate: step.release })
        : await own.perform(journeyId, { act: "release", gate: step.release });
    const granted = decision.status === 201;
    const refusal = decision.body.detail ?? decision.body.title ?? `status ${decision.status}`;
    const since = (from: number | undefined) => (from === undefined ? null : Math.round(performance.now() - from));
    const reason = granted ? "every check is met" : refusal;
    played.releases.push({ gate: step.release, granted, reason, afterLastFactMs: since(stage.lastFactAt) });
    if (granted) played.lastReadingToReleaseMs = since(stage.lastReadingAt) ?? played.lastReadingToReleaseMs;
    stage.lastReadingAt = undefined;
    stage.lastFactAt = undefined;
  },
});
