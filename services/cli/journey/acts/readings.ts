import { z } from "zod";
import { playLeg } from "../loggers.ts";
import { act } from "./act.ts";

/** A logger measures a leg. */
export const readingsAct = act({
  schema: z.strictObject({ leg: z.string(), device: z.string(), readings: z.string() }),
  describe: (step) => `${step.device} streams ${step.readings} on the leg ${step.leg}`,
  async play(step, stage) {
    const { folder, journeyId, played } = stage;
    const readings = folder.readings.get(step.readings) ?? [];
    const nowSeconds = await stage.advanceTo(Math.floor(readings.at(-1)?.timeSeconds ?? 0));
    const owner = folder.description.devices.find((device) => device.giai === step.device)?.owner;
    const api = stage.client(owner);
    const excursion = await playLeg(folder, step, readings, { journeyId, api, logger: stage.logger(step.device), nowSeconds });
    stage.lastReadingAt = performance.now();
    if (excursion !== undefined) played.excursionToLedgerMs = await stage.excursionSince(excursion);
  },
});
