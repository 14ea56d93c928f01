import { z } from "zod";
import { segmentToTick } from "../model/condition/index.ts";
import type { ConditionState, Segment, SegmentSignature } from "../model/condition/index.ts";

const decimal = z.string().regex(/^\d{1,78}$/).transform(BigInt);

/** What proving reads of a stored segment message; the telemetry bridge has checked it already. */
const bodySchema = z.object({
  keyEpoch: z.int(),
  sequence: z.int(),
  fromTick: z.int(),
  readings: z.array(z.tuple([z.int(), z.int(), z.int()])),
  salt: decimal,
  signature: z.object({ R8: z.tuple([decimal, decimal]), S: decimal }),
});

export interface StoredSegment {
  segment: Segment;
  signature: SegmentSignature;
  keyEpoch: number;
  sequence: number;
  toTick: number;
}

/** A stored segment body with the context the ledger will demand. */
export function parseStoredSegment(body: string, context: bigint): StoredSegment {
  const { keyEpoch, sequence, fromTick, readings, salt, signature } = bodySchema.parse(JSON.parse(body));
  const segment: Segment = {
    context,
    fromTick,
    salt,
    readings: readings.map(([temperatureCentikelvin, tiltDegrees, stepTicks]) => ({ temperatureCentikelvin, tiltDegrees, stepTicks })),
  };
  return { segment, signature, keyEpoch, sequence, toTick: segmentToTick(segment) };
}

const stateSchema = z.strictObject({
  temperatureExcursionTicks: z.int(),
  tiltExcursionTicks: z.int(),
  lastTemperatureOut: z.boolean(),
  lastTiltOut: z.boolean(),
});

/** Text form of a state, as the segments table keeps it. */
export function stateToText(state: ConditionState): string {
  return JSON.stringify(state);
}

export function stateFromText(text: string): ConditionState {
  return stateSchema.parse(JSON.parse(text));
}
