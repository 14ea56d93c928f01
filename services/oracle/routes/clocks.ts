import { z } from "zod";
import { meanKineticTemperature } from "../../model/condition/index.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { legNumber } from "../../model/custody/index.ts";
import { readingsOfLeg } from "../../store/leg-readings.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { journeyClocks } from "../journeys/clocks.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { hash32Schema, journeyPath, momentSchema, momentText, nameSchema, rfc3339 } from "../schemas/common.ts";

const timeLimitSchema = z.strictObject({
  kind: z.enum(["within", "out-of-storage"]),
  name: z.string(),
  of: z.array(z.string()),
  step: z.array(z.string()),
  limitSeconds: z.int(),
  startedAt: momentText.nullable(),
  deadline: momentText.nullable(),
  exceededAt: momentText.nullable(),
  elapsedSeconds: z.int(),
  remainingSeconds: z.int(),
  state: z.enum(["not-started", "running", "paused", "met", "exceeded"]),
});

const holdTimeClockSchema = z.strictObject({
  leg: z.string(),
  grai: z.string(),
  lane: z.string().nullable(),
  chargedAt: momentText,
  nominalHoldSeconds: z.int(),
  burntSeconds: z.int(),
  remainingSeconds: z.int(),
  burnRate: z.number(),
  neededSeconds: z.int().nullable(),
  endsAt: momentText,
  lastReadingAt: momentText.nullable(),
  state: z.enum(["running", "low", "exhausted", "ended"]),
});

const clocksSchema = z.strictObject({ at: momentText, timeLimits: z.array(timeLimitSchema), holdTimes: z.array(holdTimeClockSchema) });

const meanSchema = z.strictObject({
  leg: z.string(),
  goods: z.string(),
  meanKineticTemperatureCelsius: z.number(),
  from: momentText,
  to: momentText,
  readings: z.int(),
});

const moment = (seconds: number | null) => (seconds === null ? null : rfc3339(seconds));

/** A journey's running clocks, and the mean kinetic temperature of ancillary goods. */
export function clockOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const clocks = operation({
    operationId: "getClocks",
    method: "get",
    path: "/journeys/{journeyId}/clocks",
    tag: "condition",
    summary: "Running clocks: limits between steps, time out of storage, hold time of each shipper",
    parameters: journeyPath,
    query: z.strictObject({ at: momentSchema.optional().meta({ description: "As of this moment instead of now" }) }),
    responses: { 200: { description: "The clocks.", schema: clocksSchema }, 404: { description: "No such journey." } },
    async handle({ path, query, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const at = query.at ?? Math.floor(Date.now() / 1000);
      const { timeLimits, holdTimes } = await journeyClocks(database, journey, at);
      return {
        status: 200,
        body: {
          at: rfc3339(at),
          timeLimits: timeLimits.map((clock) => ({ ...clock, startedAt: moment(clock.startedAt), deadline: moment(clock.deadline), exceededAt: moment(clock.exceededAt) })),
          holdTimes: holdTimes.map((clock) => ({
            ...clock,
            chargedAt: rfc3339(clock.chargedAt),
            endsAt: rfc3339(clock.endsAt),
            lastReadingAt: moment(clock.lastReadingAt),
          })),
        },
      };
    },
  });

  const mean = operation({
    operationId: "getMeanKineticTemperature",
    method: "get",
    path: "/journeys/{journeyId}/legs/{leg}/mean-kinetic-temperature",
    tag: "condition",
    summary: "Mean kinetic temperature (USP <1079>) of a leg that carries ancillary goods; no argument for cells",
    parameters: z.strictObject({ journeyId: hash32Schema, leg: nameSchema }),
    responses: {
      200: { description: "The mean over the leg's readings.", schema: meanSchema },
      404: { description: "No such journey or leg." },
      409: { description: "Refused, and why: the leg carries cells, there is no reading, or the time is too long for one mean." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const number = legNumber(journey.flow, path.leg);
      const leg = journey.flow.legs[number];
      if (leg === undefined) throw problem(404, "unknown-leg", `the flow "${journey.flow.name}" has no leg "${path.leg}"`);
      try {
        const { fromSeconds, toSeconds, ...result } = meanKineticTemperature(await readingsOfLeg(database, path.journeyId, number), leg.goods);
        return { status: 200, body: { leg: leg.leg, goods: leg.goods, ...result, from: rfc3339(fromSeconds), to: rfc3339(toSeconds) } };
      } catch (error) {
        if (error instanceof ThreadlineError) throw problem(409, error.code, `${error.message}.`, { leg: leg.leg, goods: leg.goods });
        throw error;
      }
    },
  });

  return [clocks, mean];
}
