import type { Kysely } from "kysely";
import { burnHoldTime, holdTimeAtCharge, holdTimeEndsAt, holdTimeNeeded, holdTimeRemaining, timeLimitClocks } from "../../model/condition/index.ts";
import type { TimeLimitClock } from "../../model/condition/index.ts";
import { stepNumber } from "../../model/custody/index.ts";
import { readingsOfLeg } from "../../store/leg-readings.ts";
import { shippersOfJourneys } from "../../store/leg-shippers.ts";
import { stepsOfJourney } from "../../store/recorded-steps.ts";
import type { Database } from "../../store/schema.ts";
import type { Journey } from "./visible.ts";

/** Hold time of a shipper on a leg. Times in Unix seconds. */
export interface HoldTimeClock {
  leg: string;
  grai: string;
  lane: string | null;
  chargedAt: number;
  nominalHoldSeconds: number;
  /** Nominal hold time used up by now, tilt and all. */
  burntSeconds: number;
  remainingSeconds: number;
  /** Seconds of hold time used up per second at the last reading. */
  burnRate: number;
  /** What ought to be left by the lane's plan and margin; null without a lane registered here. */
  neededSeconds: number | null;
  /** When nothing is left, or was, as it burns now. */
  endsAt: number;
  lastReadingAt: number | null;
  state: "running" | "low" | "exhausted" | "ended";
}

/** Every clock of a journey at a moment: limits between steps, time out of storage, hold time of each leg's shipper. */
export async function journeyClocks(database: Kysely<Database>, journey: Journey, nowSeconds: number): Promise<{ timeLimits: TimeLimitClock[]; holdTimes: HoldTimeClock[] }> {
  const recorded = (await stepsOfJourney(database, journey.journey_id)).filter(({ occurredAt }) => occurredAt <= nowSeconds);
  return { timeLimits: timeLimitClocks(journey.flow, recorded, nowSeconds), holdTimes: await holdTimes(database, journey, recorded, nowSeconds) };
}

async function holdTimes(database: Kysely<Database>, journey: Journey, recorded: readonly { step: number; occurredAt: number }[], nowSeconds: number): Promise<HoldTimeClock[]> {
  const shippers = (await shippersOfJourneys(database, [journey.journey_id])).filter(({ assignedAt }) => assignedAt <= nowSeconds);
  const timeOf = (step: string) => recorded.find((entry) => entry.step === stepNumber(journey.flow, step))?.occurredAt ?? null;
  const clocks: HoldTimeClock[] = [];
  for (const shipper of shippers) {
    const { leg, grai, lane, chargedAt, assignedAt, holdTime, lanePlan } = shipper;
    const flowLeg = journey.flow.legs[leg];
    if (grai === null || holdTime === null || flowLeg === undefined) continue;
    const next = shippers.find((other) => other.leg === leg && other.assignedAt > assignedAt)?.assignedAt ?? Infinity;
    const endedAt = Math.min(next, timeOf(flowLeg.to) ?? Infinity);
    const until = Math.min(nowSeconds, endedAt);
    const readings = (await readingsOfLeg(database, journey.journey_id, leg)).filter(({ timeSeconds }) => timeSeconds <= until);
    const state = readings.reduce((held, reading) => burnHoldTime(holdTime, held, reading), holdTimeAtCharge(chargedAt));
    const remainingSeconds = holdTimeRemaining(holdTime, state, until);
    const neededSeconds = lanePlan === null ? null : holdTimeNeeded(lanePlan, until - assignedAt);
    const low = neededSeconds !== null && remainingSeconds < neededSeconds;
    clocks.push({
      leg: flowLeg.leg,
      grai,
      lane,
      chargedAt,
      nominalHoldSeconds: holdTime.nominalHoldSeconds,
      burntSeconds: Math.round(holdTime.nominalHoldSeconds - remainingSeconds),
      remainingSeconds: Math.round(remainingSeconds),
      burnRate: state.burnRate ?? 1,
      neededSeconds: neededSeconds === null ? null : Math.round(neededSeconds),
      endsAt: Math.floor(holdTimeEndsAt(holdTime, state)),
      lastReadingAt: readings.at(-1)?.timeSeconds ?? null,
      state: remainingSeconds === 0 ? "exhausted" : endedAt <= nowSeconds ? "ended" : low ? "low" : "running",
    });
  }
  return clocks;
}
