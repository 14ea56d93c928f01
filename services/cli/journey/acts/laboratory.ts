import { z } from "zod";
import { signLaboratoryResults, worksheetSchema } from "../../../device/laboratory-results.ts";
import { batchProofsDone } from "../waiting.ts";
import { act } from "./act.ts";

/** A laboratory signs the results of a file with its own key and posts them; the provers do the rest. */
export const laboratoryAct = act({
  schema: z.strictObject({ laboratory: z.string(), results: z.string(), by: z.string(), at: z.iso.datetime({ offset: true }) }),
  describe: (step) => `${step.by} signs ${step.results}`,
  async play(step, stage) {
    const { journeyId, operator, folder } = stage;
    const signedAt = await stage.advanceTo(Math.floor(Date.parse(step.at) / 1000));
    const client = stage.client(step.by);
    const worksheet = worksheetSchema.parse(await client.must(client.get(`/journeys/${journeyId}/batch-worksheet`)));
    const results = folder.results.get(step.results);
    if (results === undefined) throw new RangeError(`the folder holds no results ${step.results}`);
    const { signingKey } = stage.keysOf(step.laboratory);
    const signed = signLaboratoryResults(worksheet, results, step.laboratory, signingKey, signedAt);
    await client.must(client.post(`/journeys/${journeyId}/batch-results`, signed));
    await batchProofsDone(operator, journeyId);
  },
});
