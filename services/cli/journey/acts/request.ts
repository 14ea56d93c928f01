import { z } from "zod";
import { ThreadlineError } from "../../../model/errors.ts";
import { proofsDone } from "../waiting.ts";
import { act } from "./act.ts";
import type { Stage } from "./act.ts";
import { numberOfException } from "./exception-number.ts";

/**
 * Any request of the API that a party makes: quality decisions, batch records, equipment. In the path `{journeyId}` is
 * the journey's, and `{exception:CODE}` the number of its newest exception of that code. `after: "proofs"` waits for the
 * provers first; `at` is the played time. A status other than the one expected ends the play: the folder is wrong.
 */
export const requestAct = act({
  schema: z.strictObject({
    request: z.string().startsWith("/"),
    by: z.string(),
    body: z.record(z.string(), z.unknown()).default({}),
    at: z.iso.datetime({ offset: true }).optional(),
    after: z.literal("proofs").optional(),
    expectStatus: z.int().min(200).max(499).optional(),
  }),
  describe: (step) => `${step.by} posts to ${step.request}`,
  async play(step, stage) {
    if (step.at !== undefined) await stage.advanceTo(Math.floor(Date.parse(step.at) / 1000));
    if (step.after === "proofs") await proofsDone(stage.operator, stage.journeyId, stage.legEndedAt);
    const path = await filledIn(step.request, stage);
    const answer = await stage.client(step.by).post<{ detail?: string }>(path, step.body);
    const asExpected = step.expectStatus === undefined ? answer.status < 300 : answer.status === step.expectStatus;
    if (asExpected) return;
    const expected = step.expectStatus ?? "a status below 300";
    throw new ThreadlineError(
      "journey-request-refused",
      `POST ${path} by ${step.by} answered ${answer.status}, expected ${expected}: ${answer.body.detail ?? "no reason given"}`,
      { path, status: answer.status },
    );
  },
});

async function filledIn(path: string, stage: Stage): Promise<string> {
  const known = path.replaceAll("{journeyId}", stage.journeyId);
  const code = /\{exception:([a-z-]+)\}/.exec(known)?.[1];
  return code === undefined ? known : known.replace(`{exception:${code}}`, String(await numberOfException(stage, code)));
}
