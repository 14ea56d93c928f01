import { z } from "zod";
import { EQUIPMENT_CODES } from "../../../model/custody/equipment.ts";
import { act } from "./act.ts";
import { numberOfException } from "./exception-number.ts";

/**
 * A qualified person accepts, under an accepted exception, the interval of a leg that has no proof; or, when the exception is
 * of what carried the leg, its shippers or lanes.
 */
export const acceptAct = act({
  schema: z.strictObject({ accept: z.string(), exception: z.string(), by: z.string() }),
  describe: (step) => `${step.by} accepts, under ${step.exception}, the leg ${step.accept}`,
  async play(step, stage) {
    const client = stage.client(step.by);
    const exceptionNumber = await numberOfException(stage, step.exception);
    const subject = Object.hasOwn(EQUIPMENT_CODES, step.exception) ? "shipper/acceptances" : "acceptances";
    await client.must(client.post(`/journeys/${stage.journeyId}/legs/${step.accept}/${subject}`, { exceptionNumber }));
    // What follows the interval can be proven now: the provers take it up as they do after a leg's end.
    stage.legEndedAt = performance.now();
  },
});
