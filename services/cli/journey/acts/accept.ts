import { z } from "zod";
import { act } from "./act.ts";
import { numberOfException } from "./exception-number.ts";

/** A qualified person accepts the interval of a leg that has no proof, under an accepted exception. */
export const acceptAct = act({
  schema: z.strictObject({ accept: z.string(), exception: z.string(), by: z.string() }),
  describe: (step) => `${step.by} accepts what is not proven of the leg ${step.accept}`,
  async play(step, stage) {
    const client = stage.client(step.by);
    const exceptionNumber = await numberOfException(stage, step.exception);
    await client.must(client.post(`/journeys/${stage.journeyId}/legs/${step.accept}/acceptances`, { exceptionNumber }));
    // What follows the interval can be proven now: the provers take it up as they do after a leg's end.
    stage.legEndedAt = performance.now();
  },
});
